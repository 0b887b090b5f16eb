with

refunds as (

    select * from {{ ref('stg_refunds') }}
    where reject_reason is null

),

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

hashed as (

    select
        refunds.*,
        coalesce(refund_line_id, '') as line_key,
        {{ content_hash([
            'order_id', 'order_item_id', 'customer_id', 'currency', 'refund_amount', 'tax_amount',
            'shipping_amount', 'refunded_at',
        ]) }} as content_hash
    from refunds

),

-- The first arrival stands for its copies: content delivered again is not newer.
copies as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, refund_id, line_key, content_hash
            order by arrival_seq, file_name, row_number
        ) as copy_number,
        count(*) over (partition by source_system, refund_id, line_key, content_hash)
            as copy_count
    from hashed

),

versions as (

    select
        copies.*,
        row_number() over (
            partition by source_system, refund_id, line_key
            order by arrival_seq desc, content_hash desc
        ) as version_rank,
        sum(copy_count) over (partition by source_system, refund_id, line_key)
            as delivered_row_count
    from copies
    where copy_number = 1

),

final as (

    select
        versions.source_system,
        versions.refund_id,
        versions.line_key as refund_line_id,
        versions.order_id,
        versions.customer_id,
        versions.key_pseudonym,
        versions.currency,
        versions.refund_amount,
        versions.tax_amount,
        versions.shipping_amount,
        coalesce(order_lines.is_gift_card, false) as is_gift_card,
        versions.refunded_at,
        {{ local_date('versions.refunded_at') }} as refunded_date,
        versions.arrival_seq,
        versions.file_name,
        versions.row_number,
        cast(versions.delivered_row_count as bigint) as delivered_row_count
    from versions
    left join order_lines
        on versions.source_system = order_lines.source_system
        and versions.order_item_id = order_lines.order_item_id
    where versions.version_rank = 1

)

select * from final
