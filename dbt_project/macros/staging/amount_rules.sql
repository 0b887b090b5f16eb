{#- Reasons to reject a row for an amount. A trillion is more than any order: a slipped column. -#}
{% macro amount_rules(column, is_required=false, may_be_negative=false, negative='negative_amount') -%}
    {%- set rules = [] -%}
    {%- if is_required -%}
        {%- do rules.append([column, 'missing_amount', clean_text(column) ~ ' is null']) -%}
    {%- endif -%}
    {%- do rules.append([
        column, 'invalid_amount',
        clean_text(column) ~ ' is not null and ' ~ to_amount(column, 'decimal(38, 12)') ~ ' is null'
    ]) -%}
    {%- do rules.append([
        column, 'amount_too_large',
        'abs(' ~ to_amount(column, 'decimal(38, 12)') ~ ') >= 1000000000000'
    ]) -%}
    {%- do rules.append([
        column, 'too_many_decimals',
        to_amount(column, 'decimal(38, 12)') ~ ' <> ' ~ to_amount(column)
    ]) -%}
    {%- if not may_be_negative -%}
        {%- do rules.append([column, negative, to_amount(column) ~ ' < 0']) -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}
