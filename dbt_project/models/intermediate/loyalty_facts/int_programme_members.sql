with

customer_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and identifier_kind = 'customer'

),

-- A membership that begins after the day is none yet.
customer_states as (

    select * from {{ ref('int_customer_states') }}
    where
        anchor_role = 'as_of'
        and loyalty_member_id is not null
        and (
            loyalty_joined_at is null
            or {{ local_date('loyalty_joined_at') }} <= {{ as_of_date() }}
        )

),

-- Of a person's memberships, the one whose account was changed last.
ranked as (

    select
        customer_profiles.profile_id,
        {{ local_date('customer_states.loyalty_joined_at') }} as joined_date,
        customer_states.loyalty_tier,
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
        profile_id,
        joined_date,
        loyalty_tier
    from ranked
    where account_rank = 1

)

select * from final
