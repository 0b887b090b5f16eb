with

anchors as (

    select * from {{ ref('int_anchors') }}

),

refunds as (

    select * from {{ ref('int_refunds') }}

),

order_states as (

    select * from {{ ref('int_order_states') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates') }}

),

customer_profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

linked as (

    select
        anchors.anchor_role,
        anchors.anchor_date,
        refunds.*,
        order_states.order_id is not null as is_linked,
        order_states.currency as order_currency,
        order_states.fx_rate as order_fx_rate,
        coalesce(refunds.currency, order_states.currency, '{{ var("shop_currency") }}')
            as refund_currency,
        -- A gift card's sale was no revenue, so giving its price back takes none away.
        case
            when refunds.is_gift_card then 0
            else
                greatest(
                    refunds.refund_amount
                    - case
                        when order_states.is_tax_included then coalesce(refunds.tax_amount, 0)
                        else 0
                    end,
                    0
                )
                {%- if var('shipping_in_revenue') %}
                + coalesce(refunds.shipping_amount, 0)
                {%- endif %}
        end as refunded_goods_amount
    from refunds
    inner join anchors
        on refunds.refunded_at < anchors.anchor_ends_at
    left join order_states
        on anchors.anchor_role = order_states.anchor_role
        and refunds.source_system = order_states.source_system
        and refunds.order_id = order_states.order_id

),

-- In the order's currency the order's rate holds: what is given back whole leaves nothing over.
rated as (

    select
        linked.*,
        case when not linked.is_linked then customer_profiles.profile_id end
            as unlinked_profile_id,
        coalesce(linked.refund_currency = linked.order_currency, false) as is_order_currency,
        case
            when linked.refund_currency = linked.order_currency then linked.order_fx_rate
            when linked.refund_currency = '{{ var("shop_currency") }}' then 1
            else fx_rates.rate
        end as fx_rate
    from linked
    left join fx_rates
        on linked.refund_currency = fx_rates.from_currency
        and linked.refunded_date >= fx_rates.valid_from_date
        and linked.refunded_date < fx_rates.valid_to_date
    left join customer_profiles
        on linked.anchor_role = customer_profiles.anchor_role
        and linked.source_system = customer_profiles.source_system
        and linked.customer_id = customer_profiles.customer_id

),

final as (

    select
        anchor_role,
        anchor_date,
        source_system,
        refund_id,
        refund_line_id,
        order_id,
        unlinked_profile_id,
        customer_id,
        key_pseudonym,
        refunded_date,
        is_linked,
        is_order_currency,
        cast(refunded_goods_amount as decimal(18, 4)) as refunded_goods_amount,
        cast(fx_rate as {{ engine_type('decimal(19, 10)') }}) as fx_rate,
        {{ in_shop_currency('refunded_goods_amount', 'fx_rate') }} as shop_goods_amount,
        case when fx_rate is null then 'missing_fx_rate' end as reject_reason,
        arrival_seq,
        file_name,
        row_number
    from rated

)

select * from final
