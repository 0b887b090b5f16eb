{#-
    Reasons to reject a row for an amount. A trillion is more than any order: a slipped column.
    Decimals are counted in the text, because the cast has rounded them away; only an exponent,
    which moves the point, needs the wide and slow cast.
-#}
{% macro amount_rules(
    column, is_required=false, may_be_negative=false, negative='negative_amount'
) -%}
    {%- set text = column ~ '_text' -%}
    {%- set is_number = matches_pattern(text, number_pattern()) -%}
    {%- set has_exponent = matches_pattern(text, '[eE]') -%}
    {%- set is_rounded_text = matches_pattern(text, '[.][0-9]{4}0*[1-9]') -%}
    {%- set is_rounded_value = try_cast_to(text, 'decimal(38, 12)') ~ ' <> ' ~ column -%}
    {%- set rules = [] -%}
    {%- if is_required -%}
        {%- do rules.append([column, 'missing_amount', text ~ ' is null']) -%}
    {%- endif -%}
    {%- do rules.append([column, 'invalid_amount', 'not ' ~ is_number]) -%}
    {%- do rules.append([
        column, 'amount_too_large',
        '(' ~ text ~ ' is not null and ' ~ column ~ ' is null)'
        ~ ' or abs(' ~ column ~ ') >= 1000000000000'
    ]) -%}
    {%- do rules.append([
        column, 'too_many_decimals',
        'case when ' ~ has_exponent ~ ' then ' ~ is_rounded_value
        ~ ' else ' ~ is_rounded_text ~ ' end'
    ]) -%}
    {%- if not may_be_negative -%}
        {%- do rules.append([column, negative, column ~ ' < 0']) -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}
