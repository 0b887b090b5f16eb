with

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

-- Selling a gift card is no revenue: it comes with the order that is paid with it.
revenue_lines as (

    select
        source_system,
        order_id,
        case when is_gift_card then 0 else line_amount end as line_amount,
        case when is_gift_card then 0 else discount_amount end as discount_amount,
        case when is_gift_card then 0 else tax_amount end as tax_amount,
        case when is_gift_card then line_amount - coalesce(discount_amount, 0) else 0 end
            as gift_card_amount,
        is_clipped
    from order_lines

),

final as (

    select
        source_system,
        order_id,
        count(*) as line_count,
        count(case when is_clipped then 1 end) as clipped_line_count,
        cast(sum(line_amount) as decimal(18, 4)) as line_amount,
        -- Shops that discount or tax the header often fill the lines with zeros: no statement.
        cast(nullif(sum(discount_amount), 0) as decimal(18, 4)) as discount_amount,
        cast(nullif(sum(tax_amount), 0) as decimal(18, 4)) as tax_amount,
        cast(sum(gift_card_amount) as decimal(18, 4)) as gift_card_amount
    from revenue_lines
    group by source_system, order_id

)

select * from final
