with

order_versions as (

    select * from {{ ref('int_order_versions') }}

),

line_totals as (

    select * from {{ ref('int_order_line_totals') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

joined as (

    select
        order_versions.*,
        line_totals.line_count,
        line_totals.line_amount,
        line_totals.gift_card_amount,
        coalesce(line_totals.discount_amount, order_versions.discount_amount)
            as discount_deducted,
        coalesce(line_totals.tax_amount, order_versions.tax_amount) as tax_charged,
        case
            when order_versions.currency = '{{ var("shop_currency") }}' then 1
            else fx_rates.rate
        end as fx_rate
    from order_versions
    left join line_totals
        on order_versions.source_system = line_totals.source_system
        and order_versions.order_id = line_totals.order_id
    left join fx_rates
        on order_versions.currency = fx_rates.from_currency
        and order_versions.ordered_date >= fx_rates.valid_from_date
        and order_versions.ordered_date < fx_rates.valid_to_date

),

final as (

    select
        source_system,
        order_id,
        content_hash,
        customer_id,
        email_hash,
        anonymous_id,
        key_pseudonym,
        status,
        channel,
        currency,
        coalesce(is_tax_included, false) as is_tax_included,
        coalesce(is_test, false) as is_test,
        coalesce(is_renewal, false) as is_renewal,
        ordered_at,
        ordered_date,
        version_at,
        cancelled_at,
        coalesce(line_count, 0) as line_count,
        cast({{ goods_amount(
            'line_amount', 'discount_deducted', 'tax_charged', 'coalesce(is_tax_included, false)',
            'shipping_amount', 'total_amount'
        ) }} as decimal(18, 4)) as goods_amount,
        cast(
            line_amount
            + gift_card_amount
            - coalesce(discount_deducted, 0)
            + case when coalesce(is_tax_included, false) then 0 else coalesce(tax_charged, 0) end
            + coalesce(shipping_amount, 0)
            - total_amount
            as decimal(18, 4)
        ) as lines_minus_total_amount,
        cast(fx_rate as {{ engine_type('decimal(19, 10)') }}) as fx_rate,
        case when fx_rate is null then 'missing_fx_rate' end as reject_reason,
        arrival_seq,
        file_name,
        row_number,
        copy_count
    from joined

)

select * from final
