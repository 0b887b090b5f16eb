with

customer_emails as (

    select * from {{ ref('int_customer_emails') }}

),

numbered as (

    select
        customer_emails.*,
        row_number() over (
            partition by anchor_role, email_hash, source_system
            order by customer_id
        ) as number_in_source,
        row_number() over (
            partition by anchor_role, email_hash
            order by source_system, customer_id
        ) as number_in_mailbox
    from customer_emails

),

-- Two accounts of one source are two people, whatever another source says about one of them.
final as (

    select
        anchor_role,
        email_hash,
        min(case when number_in_mailbox = 1 then source_system end) as source_system,
        min(case when number_in_mailbox = 1 then customer_id end) as customer_id,
        count(*) as customer_count
    from numbered
    group by anchor_role, email_hash
    having max(number_in_source) = 1

)

select * from final
