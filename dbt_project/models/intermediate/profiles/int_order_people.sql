with

order_states as (

    select * from {{ ref('int_order_states') }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}

),

customer_states as (

    select * from {{ ref('int_customer_states') }}

),

excluded_orders as (

    select * from {{ ref('excluded_orders') }}

),

identified as (

    select
        order_states.*,
        {{ identifier_columns(has_anonymous=true) }}
    from order_states

),

-- Of an order that tells nothing, or only a device of several people, nobody else is the person.
people as (

    select
        identified.*,
        coalesce(
            identifier_profiles.profile_id,
            {{ profile_id('anonymous', ['identified.source_system', 'identified.order_id']) }}
        ) as profile_id,
        coalesce(identifier_profiles.profile_kind, 'anonymous') as profile_kind
    from identified
    left join identifier_profiles
        on identified.anchor_role = identifier_profiles.anchor_role
        and identified.identifier_kind = identifier_profiles.identifier_kind
        and identified.identifier_source = identifier_profiles.identifier_source
        and identified.identifier_value = identifier_profiles.identifier_value

),

excluded_accounts as (

    select
        customer_states.anchor_role,
        customer_states.source_system,
        customer_states.customer_id,
        identifier_profiles.profile_id,
        excluded_orders.reason
    from customer_states
    inner join excluded_orders
        on excluded_orders.field = 'account_type'
        and customer_states.account_type = excluded_orders.value
    left join identifier_profiles
        on customer_states.anchor_role = identifier_profiles.anchor_role
        and identifier_profiles.identifier_kind = 'customer'
        and customer_states.source_system = identifier_profiles.identifier_source
        and customer_states.customer_id = identifier_profiles.identifier_value

),

-- A guest order may be that of any of the person's accounts.
excluded_people as (

    select
        anchor_role,
        profile_id,
        min(reason) as reason
    from excluded_accounts
    group by anchor_role, profile_id

),

final as (

    select
        people.anchor_role,
        people.source_system,
        people.order_id,
        people.profile_id,
        people.profile_kind,
        coalesce(
            test_rules.reason,
            channel_rules.reason,
            excluded_accounts.reason,
            -- Not in the join: DuckDB would compare each order with each person.
            case when people.customer_id is null then excluded_people.reason end
        ) as exclusion_reason
    from people
    left join excluded_orders as test_rules
        on test_rules.field = 'is_test'
        and test_rules.value = case when people.is_test then 'true' else 'false' end
    left join excluded_orders as channel_rules
        on channel_rules.field = 'channel'
        and channel_rules.value = people.channel
    left join excluded_accounts
        on people.anchor_role = excluded_accounts.anchor_role
        and people.source_system = excluded_accounts.source_system
        and people.customer_id = excluded_accounts.customer_id
    left join excluded_people
        on people.anchor_role = excluded_people.anchor_role
        and people.profile_id = excluded_people.profile_id

)

select * from final
