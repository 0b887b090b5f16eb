{#- How far back any feature of behaviour looks, on the earliest day that is evaluated. -#}
{% macro behaviour_window_days() -%}
    (
        select
            {{ [
                var('engagement_window_days'),
                var('usage_window_days'),
                2 * var('trend_window_days'),
                var('loyalty_window_days'),
            ] | max }} + max(days_back)
        from {{ ref('int_evaluation_days') }}
    )
{%- endmacro %}
