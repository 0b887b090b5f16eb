with

profiles as (

    select * from {{ ref('int_profiles') }}

),

merges as (

    select * from {{ ref('int_profile_merges') }}

),

orders as {{ read_anew() }} (

    select * from {{ ref('int_orders_as_of') }}
    where anchor_role = 'as_of'

),

refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where anchor_role = 'as_of'

),

identifier_activity as (

    select * from {{ ref('int_identifier_activity') }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

-- One branch for each thing that is known of a person and has a day.
activities as (

    select
        profile_id,
        {{ local_date('created_at') }} as activity_date,
        1 as activity_count
    from profiles
    where created_at is not null

    union all

    select
        profile_id,
        last_changed_date as activity_date,
        1 as activity_count
    from orders

    union all

    select
        coalesce(orders.profile_id, refunds.unlinked_profile_id) as profile_id,
        refunds.refunded_date as activity_date,
        1 as activity_count
    from refunds
    left join orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id

    union all

    select
        identifier_profiles.profile_id,
        identifier_activity.last_activity_date as activity_date,
        identifier_activity.activity_count
    from identifier_activity
    inner join identifier_profiles
        on identifier_activity.identifier_kind = identifier_profiles.identifier_kind
        and identifier_activity.identifier_source = identifier_profiles.identifier_source
        and identifier_activity.identifier_value = identifier_profiles.identifier_value

),

totals as (

    select
        profile_id,
        max(activity_date) as last_activity_date,
        cast(sum(activity_count) as bigint) as activity_count
    from activities
    group by profile_id

),

final as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        totals.last_activity_date,
        coalesce(totals.activity_count, 0) as activity_count,
        purchase_summaries.net_revenue,
        cast(null as string) as merged_into
    from profiles
    left join totals
        on profiles.profile_id = totals.profile_id
    left join purchase_summaries
        on profiles.profile_id = purchase_summaries.profile_id

    union all

    -- Who belongs to another profile is none: of it only that is known.
    select
        merges.own_profile_id as profile_id,
        {{ as_of_date() }} as as_of_date,
        cast(null as date) as last_activity_date,
        cast(null as bigint) as activity_count,
        cast(null as decimal(18, 4)) as net_revenue,
        merges.profile_id as merged_into
    from merges
    left join profiles
        on merges.own_profile_id = profiles.profile_id
    where profiles.profile_id is null

)

select * from final
