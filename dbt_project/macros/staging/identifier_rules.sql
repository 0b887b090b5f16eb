{#- Reasons to reject a row for naming nobody: one of the columns must be there. -#}
{% macro identifier_rules(columns) -%}
    {{ return([
        [columns[0], 'missing_identifier', 'coalesce(' ~ columns | join(', ') ~ ') is null']
    ]) }}
{%- endmacro %}
