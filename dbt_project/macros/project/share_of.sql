{#- number / total as a share of six decimals; of nothing it is nothing, not unknown. -#}
{% macro share_of(number, total) -%}
    cast(
        coalesce(
            cast({{ number }} as {{ engine_type('double') }}) / nullif({{ total }}, 0), 0
        ) as decimal(9, 6)
    )
{%- endmacro %}
