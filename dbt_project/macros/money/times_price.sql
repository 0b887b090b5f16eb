{#- quantity * unit price, eight decimals. One factor is wide: DuckDB keeps 18 digits in 18. -#}
{% macro times_price(quantity, unit_price) -%}
    {{ quantity }} * cast({{ unit_price }} as decimal(19, 4))
{%- endmacro %}
