with

anchors as (

    select * from {{ ref('int_anchors') }}

),

customers as (

    select * from {{ ref('stg_customers') }}
    where reject_reason is null

),

hashed as (

    select
        customers.*,
        {{ content_hash([
            'email_hash', 'account_type', 'timezone', 'loyalty_member_id', 'loyalty_joined_at',
            'loyalty_tier', 'created_at', 'updated_at',
        ]) }} as content_hash
    from customers

),

-- The first arrival stands for its copies: a version delivered again is not a newer one.
versions as (

    select
        source_system,
        customer_id,
        email_hash,
        account_type,
        timezone as time_zone,
        loyalty_member_id,
        loyalty_joined_at,
        loyalty_tier,
        created_at,
        coalesce(updated_at, created_at) as version_at,
        content_hash,
        min(arrival_seq) as arrival_seq
    from hashed
    group by
        source_system,
        customer_id,
        email_hash,
        account_type,
        timezone,
        loyalty_member_id,
        loyalty_joined_at,
        loyalty_tier,
        created_at,
        updated_at,
        content_hash

),

-- The newest version known by then; where each came later, the oldest: it is nearest to the truth.
ranked as (

    select
        anchors.anchor_role,
        versions.*,
        row_number() over (
            partition by anchors.anchor_role, versions.source_system, versions.customer_id
            order by
                case
                    when versions.version_at < anchors.anchor_ends_at then 0
                    when versions.version_at is null then 1
                    else 2
                end,
                case
                    when versions.version_at < anchors.anchor_ends_at then versions.version_at
                end desc,
                versions.version_at,
                versions.arrival_seq desc,
                versions.content_hash desc
        ) as version_rank
    from versions
    cross join anchors
    where versions.created_at < anchors.anchor_ends_at or versions.created_at is null

),

final as (

    select
        anchor_role,
        source_system,
        customer_id,
        email_hash,
        account_type,
        time_zone,
        loyalty_member_id,
        loyalty_joined_at,
        loyalty_tier,
        created_at,
        version_at
    from ranked
    where version_rank = 1

)

select * from final
