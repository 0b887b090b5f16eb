{#-
    A number from text, or null where it is none: no thousands separators, currency signs, NaN or
    infinity. An exponent is a number's notation: 1e2 is 100. `decimals` 4 is money's.
-#}
{% macro to_amount(column, data_type='decimal(18, 4)') -%}
    {%- set number_pattern = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$' -%}
    case
        when {{ matches_pattern('trim(' ~ column ~ ')', number_pattern) }}
            then {{ try_cast_to('trim(' ~ column ~ ')', data_type) }}
    end
{%- endmacro %}
