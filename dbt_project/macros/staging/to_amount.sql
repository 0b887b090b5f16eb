{#- Money, or another number of at most four decimals, from text; null where the text is none. -#}
{% macro to_amount(column, data_type='decimal(18, 4)') -%}
    case
        when {{ matches_pattern('trim(' ~ column ~ ')', number_pattern()) }}
            then {{ try_cast_to('trim(' ~ column ~ ')', data_type) }}
    end
{%- endmacro %}
