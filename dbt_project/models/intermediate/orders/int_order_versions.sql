with

orders as (

    select * from {{ ref('stg_orders') }}
    where reject_reason is null

),

hashed as (

    select
        orders.*,
        {{ content_hash([
            'customer_id', 'email_hash', 'anonymous_id', 'status', 'channel', 'currency',
            'is_tax_included', 'is_test', 'is_renewal', 'discount_amount', 'shipping_amount',
            'tax_amount', 'total_amount', 'ordered_at', 'updated_at', 'cancelled_at',
        ]) }} as content_hash
    from orders

),

-- The first arrival stands for its copies: a version delivered again is not a newer one.
copies as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, order_id, content_hash
            order by arrival_seq, file_name, row_number
        ) as copy_number,
        count(*) over (partition by source_system, order_id, content_hash) as copy_count
    from hashed

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
        is_tax_included,
        is_test,
        is_renewal,
        discount_amount,
        shipping_amount,
        tax_amount,
        total_amount,
        ordered_at,
        {{ local_date('ordered_at') }} as ordered_date,
        coalesce(updated_at, ordered_at) as version_at,
        cancelled_at,
        arrival_seq,
        file_name,
        row_number,
        copy_count
    from copies
    where copy_number = 1

)

select * from final
