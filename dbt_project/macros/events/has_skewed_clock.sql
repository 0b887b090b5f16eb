{#- Whether the device's clock can't be right; unknown counts as right. -#}
{% macro has_skewed_clock(occurred_at, received_at) -%}
    coalesce(
        {{ occurred_at }}
        > {{ dbt.dateadd('minute', var('clock_skew_tolerance_minutes'), received_at) }}
        or {{ occurred_at }}
        < {{ dbt.dateadd('day', -1 * var('max_event_delay_days'), received_at) }},
        false
    )
{%- endmacro %}
