{#- Two columns, as `flag_rules` wants them: the text as delivered and the truth value it says. -#}
{% macro parsed_flag(column) -%}
    {{ clean_text(column) }} as {{ column }}_text,
        {{ to_boolean(column) }} as {{ column }}
{%- endmacro %}
