{#- A count from text: digits alone; null where the text is none. -#}
{% macro to_whole_number(column) -%}
    case
        when {{ matches_pattern('trim(' ~ column ~ ')', '^[0-9]{1,15}$') }}
            then cast(trim({{ column }}) as bigint)
    end
{%- endmacro %}
