{#- Reasons to reject a row for a flag: a flag that can't be read must not pass for false. -#}
{% macro boolean_rules(column) -%}
    {{ return([[
        column, 'invalid_flag',
        clean_text(column) ~ ' is not null and ' ~ to_boolean(column) ~ ' is null'
    ]]) }}
{%- endmacro %}
