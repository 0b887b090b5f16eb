{#- Reasons to reject a row for a flag: a flag that can't be read must not pass for false. -#}
{% macro flag_rules(column) -%}
    {{ return([
        [column, 'invalid_flag', column ~ '_text is not null and ' ~ column ~ ' is null']
    ]) }}
{%- endmacro %}
