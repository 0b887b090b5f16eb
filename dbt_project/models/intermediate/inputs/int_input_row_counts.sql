with

orders as (

    select * from {{ ref('stg_orders') }}

),

order_items as (

    select * from {{ ref('stg_order_items') }}

),

refunds as (

    select * from {{ ref('stg_refunds') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

products as (

    select * from {{ ref('stg_products') }}

),

fx_rates as (

    select * from {{ ref('stg_fx_rates') }}

),

feedback as (

    select * from {{ ref('stg_feedback') }}

),

arrival_rejects as (

    select * from {{ ref('int_arrival_rejects') }}

),

events as (

    select * from {{ ref('int_events') }}

),

message_events as (

    select * from {{ ref('int_message_events') }}

),

order_versions as (

    select * from {{ ref('int_order_version_amounts') }}

),

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

known_refunds as (

    select * from {{ ref('int_refunds') }}

),

rejected_rows as (

    select * from {{ ref('int_rejected_rows') }}

),

deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

raw_counts as (

    {% for input_name in [
        'orders', 'order_items', 'refunds', 'customers', 'products', 'fx_rates', 'feedback',
    ] -%}
    select
        '{{ input_name }}' as input_name,
        count(*) as raw_row_count,
        count(case when reject_reason is null then 1 end) as usable_row_count,
        count(distinct case when reject_reason is null then key_pseudonym end) as key_count
    from {{ input_name }}

    union all

    {% endfor -%}
    -- These are not read again once they were: their facts know their keys.
    {% for input_name in ['events', 'messages'] -%}
    select
        '{{ input_name }}' as input_name,
        coalesce(cast(sum(raw_row_count) as bigint), 0) as raw_row_count,
        coalesce(cast(sum(raw_row_count) as bigint), 0) - count(reject_reason)
            as usable_row_count,
        cast(null as bigint) as key_count
    from arrival_rejects
    where input_name = '{{ input_name }}'
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

),

-- What the facts kept and what they folded away, told by the facts themselves.
fact_counts as (

    select
        'orders' as input_name,
        count(distinct case when reject_reason is null then key_pseudonym end)
            as accepted_row_count,
        coalesce(sum(copy_count), 0)
        - count(case when reject_reason is not null then 1 end)
        - count(distinct case when reject_reason is null then key_pseudonym end)
            as duplicate_row_count
    from order_versions

    union all

    select
        'order_items' as input_name,
        count(*) as accepted_row_count,
        coalesce(sum(delivered_row_count - 1), 0) as duplicate_row_count
    from order_lines

    union all

    select
        'refunds' as input_name,
        count(*) as accepted_row_count,
        coalesce(sum(delivered_row_count - 1), 0) as duplicate_row_count
    from known_refunds

    union all

    select
        'events' as input_name,
        count(case when exclusion_reason = 'superseded' then null else 1 end)
            as accepted_row_count,
        coalesce(sum(copy_count), 0)
        - count(case when exclusion_reason = 'superseded' then null else 1 end)
            as duplicate_row_count
    from events

    union all

    select
        'messages' as input_name,
        count(*) as accepted_row_count,
        coalesce(sum(copy_count - 1), 0) as duplicate_row_count
    from message_events

    union all

    select
        input_name,
        key_count as accepted_row_count,
        usable_row_count - key_count as duplicate_row_count
    from raw_counts
    where input_name in ('customers', 'products', 'fx_rates', 'feedback')

),

-- What intake refused stands with the deliveries: a file may be read for several tables at once.
reject_counts as (

    select
        input_name,
        count(*) as rejected_row_count,
        -- A refund that can't be converted is a fact already; it is not counted twice.
        count(case when input_name = 'refunds' and rejected_by = 'conversion' then 1 end)
            as rejected_fact_count
    from rejected_rows
    where rejected_by <> 'intake'
    group by input_name

),

delivery_counts as (

    select
        input_name,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(accepted_row_count) as bigint) as accepted_row_count,
        cast(sum(duplicate_row_count) as bigint) as duplicate_row_count,
        cast(sum(rejected_row_count) as bigint) as rejected_row_count,
        cast(sum(erased_row_count) as bigint) as erased_row_count
    from deliveries
    group by input_name

),

final as (

    select
        raw_counts.input_name,
        raw_counts.raw_row_count,
        raw_counts.raw_row_count
        + coalesce(delivery_counts.duplicate_row_count, 0)
        + coalesce(delivery_counts.rejected_row_count, 0)
        + coalesce(delivery_counts.erased_row_count, 0) as delivered_row_count,
        fact_counts.accepted_row_count - coalesce(reject_counts.rejected_fact_count, 0)
            as accepted_row_count,
        cast(fact_counts.duplicate_row_count as bigint)
        + coalesce(delivery_counts.duplicate_row_count, 0) as duplicate_row_count,
        coalesce(reject_counts.rejected_row_count, 0)
        + coalesce(delivery_counts.rejected_row_count, 0) as rejected_row_count,
        coalesce(delivery_counts.erased_row_count, 0) as erased_row_count,
        delivery_counts.accepted_row_count as accepted_by_intake_row_count
    from raw_counts
    inner join fact_counts
        on raw_counts.input_name = fact_counts.input_name
    left join reject_counts
        on raw_counts.input_name = reject_counts.input_name
    left join delivery_counts
        on raw_counts.input_name = delivery_counts.input_name

    union all

    select
        delivery_counts.input_name,
        cast(null as bigint) as raw_row_count,
        delivery_counts.row_count as delivered_row_count,
        delivery_counts.accepted_row_count,
        delivery_counts.duplicate_row_count,
        delivery_counts.rejected_row_count,
        delivery_counts.erased_row_count,
        delivery_counts.accepted_row_count as accepted_by_intake_row_count
    from delivery_counts
    left join raw_counts
        on delivery_counts.input_name = raw_counts.input_name
    where raw_counts.input_name is null

)

select * from final
