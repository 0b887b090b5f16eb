{#- Reasons to reject a row for a currency: it is no three letters. -#}
{% macro currency_rules(column, is_required=false) -%}
    {%- set is_wrong = 'not ' ~ matches_pattern(column, '^[A-Z]{3}$') -%}
    {%- set condition = column ~ ' is null or ' ~ is_wrong if is_required else is_wrong -%}
    {{ return([[column, 'invalid_currency', condition]]) }}
{%- endmacro %}
