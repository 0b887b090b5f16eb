with

refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where
        anchor_role = 'as_of'
        and not is_linked
        and reject_reason is null

),

final as (

    select
        key_pseudonym,
        {{ as_of_date() }} as as_of_date,
        unlinked_profile_id as profile_id,
        refunded_date,
        shop_goods_amount as refund_amount,
        unlinked_profile_id is not null as is_deducted,
        case
            when order_id is null then 'no_order_named'
            else 'order_not_there'
        end as reason_code,
        arrival_seq,
        file_name,
        row_number
    from refunds

)

select * from final
