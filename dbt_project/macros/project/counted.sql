{#- A number and its noun, for a sentence: 1 order, 2 orders. -#}
{% macro counted(number, noun) -%}
    cast({{ number }} as string)
    || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end
{%- endmacro %}
