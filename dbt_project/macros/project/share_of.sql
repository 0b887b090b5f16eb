{#- number / total as a share of six decimals; of nothing it is nothing, not unknown. -#}
{% macro share_of(number, total) -%}
    cast(coalesce({{ exact_ratio(number, total) }}, 0) as decimal(9, 6))
{%- endmacro %}
