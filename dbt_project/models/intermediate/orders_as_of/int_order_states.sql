with

anchors as (

    select * from {{ ref('int_anchors') }}

),

order_versions as (

    select * from {{ ref('int_order_version_amounts') }}
    where reject_reason is null

),

order_statuses as (

    select * from {{ ref('order_statuses') }}

),

versions_at_anchor as (

    select
        anchors.anchor_role,
        anchors.anchor_date,
        anchors.anchor_ends_at,
        order_versions.*,
        order_versions.version_at < anchors.anchor_ends_at as is_known,
        greatest(
            order_versions.ordered_at,
            case
                when order_versions.version_at < anchors.anchor_ends_at
                    then order_versions.version_at
                else order_versions.ordered_at
            end,
            case
                when order_versions.cancelled_at < anchors.anchor_ends_at
                    then order_versions.cancelled_at
                else order_versions.ordered_at
            end
        ) as last_changed_at
    from order_versions
    cross join anchors

),

-- The newest version known by then; where each came later, the oldest: it is nearest to the truth.
ranked as (

    select
        versions_at_anchor.*,
        row_number() over (
            partition by anchor_role, source_system, order_id
            order by
                case when is_known then 0 else 1 end,
                case when is_known then version_at end desc,
                version_at,
                arrival_seq desc,
                content_hash desc
        ) as version_rank
    from versions_at_anchor

),

final as (

    select
        ranked.anchor_role,
        ranked.anchor_date,
        ranked.anchor_ends_at,
        ranked.source_system,
        ranked.order_id,
        ranked.customer_id,
        ranked.email_hash,
        ranked.anonymous_id,
        ranked.channel,
        ranked.currency,
        ranked.fx_rate,
        ranked.is_tax_included,
        ranked.is_test,
        ranked.is_renewal,
        ranked.ordered_at,
        ranked.ordered_date,
        ranked.last_changed_at,
        ranked.line_count,
        ranked.goods_amount,
        ranked.lines_minus_total_amount,
        case
            when ranked.cancelled_at < ranked.anchor_ends_at then 'cancelled'
            when ranked.cancelled_at is null and ranked.status = 'cancelled' and ranked.is_known
                then 'cancelled'
            -- What undoes an order and is not in force yet leaves it as it was: paid.
            when ranked.status = 'cancelled' then 'paid'
            when order_statuses.is_reversal and not ranked.is_known then 'paid'
            else ranked.status
        end as status_in_force
    from ranked
    left join order_statuses
        on ranked.status = order_statuses.status
    where
        ranked.version_rank = 1
        and ranked.ordered_at < ranked.anchor_ends_at

)

select * from final
