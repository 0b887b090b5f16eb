{#- [input, check, condition]; every check has its row, if only with a 0. -#}
{%- set checks = [
    ['events', 'unknown_event_names', 'not is_known_event_name'],
    ['events', 'bot_events', "exclusion_reason = 'bot'"],
    ['events', 'rate_capped_events', "exclusion_reason = 'rate_cap'"],
    ['events', 'skewed_clocks', 'has_skewed_clock'],
    ['messages', 'machine_opens', 'is_machine_open'],
] -%}
with

events as (

    select * from {{ ref('int_events') }}
    where event_date <= {{ as_of_date() }} and coalesce(exclusion_reason, '') <> 'superseded'

),

messages as (

    select * from {{ ref('int_message_events') }}
    where event_date <= {{ as_of_date() }}

),

final as (

    {% for input_name, check_code, condition in checks -%}
    select
        '{{ input_name }}' as input_name,
        '{{ check_code }}' as check_code,
        '' as detail,
        count(case when {{ condition }} then 1 end) as row_count,
        count(*) as of_row_count
    from {{ input_name }}
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

)

select * from final
