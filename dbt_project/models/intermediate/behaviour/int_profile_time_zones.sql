with

profiles as (

    select * from {{ ref('int_profiles') }}

),

customer_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and identifier_kind = 'customer'

),

customer_states as (

    select * from {{ ref('int_customer_states') }}
    where anchor_role = 'as_of' and time_zone is not null

),

-- Of a person's accounts, the one that was changed last.
ranked as (

    select
        customer_profiles.profile_id,
        customer_states.time_zone,
        row_number() over (
            partition by customer_profiles.profile_id
            order by
                coalesce(
                    customer_states.version_at, cast('{{ var("earliest_valid_date") }}' as timestamp)
                ) desc,
                customer_states.source_system,
                customer_states.customer_id
        ) as account_rank
    from customer_states
    inner join customer_profiles
        on customer_states.source_system = customer_profiles.identifier_source
        and customer_states.customer_id = customer_profiles.identifier_value

),

final as (

    select
        profiles.profile_id,
        coalesce(ranked.time_zone, '{{ var("business_timezone") }}') as time_zone,
        ranked.time_zone is not null as is_own_time_zone
    from profiles
    left join ranked
        on profiles.profile_id = ranked.profile_id
        and ranked.account_rank = 1

)

select * from final
