{#- Two columns, as `instant_rules` wants them: the text as delivered and the instant it says. -#}
{% macro parsed_instant(column) -%}
    {{ clean_text(column) }} as {{ column }}_text,
        {{ to_instant(column) }} as {{ column }}
{%- endmacro %}
