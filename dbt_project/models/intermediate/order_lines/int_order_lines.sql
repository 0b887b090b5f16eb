with

order_items as (

    select * from {{ ref('stg_order_items') }}
    where reject_reason is null

),

hashed as (

    select
        order_items.*,
        {{ content_hash([
            'order_id', 'product_id', 'is_gift_card', 'quantity', 'unit_price', 'discount_amount',
            'tax_amount',
        ]) }} as content_hash
    from order_items

),

-- The first arrival stands for its copies: content delivered again is not newer.
copies as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, order_item_id, content_hash
            order by arrival_seq, file_name, row_number
        ) as copy_number,
        count(*) over (partition by source_system, order_item_id, content_hash) as copy_count
    from hashed

),

versions as (

    select
        copies.*,
        row_number() over (
            partition by source_system, order_item_id
            order by arrival_seq desc, content_hash desc
        ) as version_rank,
        sum(copy_count) over (partition by source_system, order_item_id) as delivered_row_count,
        case
            when quantity > 0 and unit_price > 0
                then cast(round({{ times_price('quantity', 'unit_price') }}, 4) as decimal(18, 4))
            else 0
        end as line_amount
    from copies
    where copy_number = 1

),

final as (

    select
        source_system,
        order_item_id,
        order_id,
        product_id,
        coalesce(is_gift_card, false) as is_gift_card,
        quantity,
        unit_price,
        line_amount,
        case when discount_amount > line_amount then line_amount else discount_amount end
            as discount_amount,
        tax_amount,
        quantity < 0 or unit_price < 0 or coalesce(discount_amount, 0) > line_amount as is_clipped,
        cast(delivered_row_count as bigint) as delivered_row_count
    from versions
    where version_rank = 1

)

select * from final
