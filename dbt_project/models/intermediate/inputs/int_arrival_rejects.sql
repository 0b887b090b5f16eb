{#- Kept as it is: what was delivered once is not looked at again. -#}
{{ config(materialized='incremental', incremental_strategy='append') }}

with

events as (

    select * from {{ ref('int_event_copies') }}
    {{ since_last_arrival() }}

),

messages as (

    select * from {{ ref('stg_messages') }}
    {{ since_last_arrival() }}

),

final as (

    {% for input_name in ['events', 'messages'] -%}
    select
        '{{ input_name }}' as input_name,
        arrival_seq,
        file_name,
        0 as row_number,
        cast(null as string) as key_pseudonym,
        cast(null as string) as reject_reason,
        cast(null as string) as reject_column,
        count(*) as raw_row_count,
        arrival_seq as last_arrival_seq
    from {{ input_name }}
    group by arrival_seq, file_name

    union all

    select
        '{{ input_name }}' as input_name,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        reject_reason,
        reject_column,
        0 as raw_row_count,
        arrival_seq as last_arrival_seq
    from {{ input_name }}
    where reject_reason is not null
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

)

select * from final
