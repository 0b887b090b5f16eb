{#- Two columns, as `amount_rules` wants them: the text as delivered and the number it says. -#}
{% macro parsed_amount(column) -%}
    {{ clean_text(column) }} as {{ column }}_text,
        {{ to_amount(column) }} as {{ column }}
{%- endmacro %}
