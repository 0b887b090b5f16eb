{#- A UTC timestamp from ISO text: with Z or an offset it is converted, else it is UTC already. -#}
{% macro to_instant(column) -%}
    {%- set day = '^[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set zone = ' ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    {%- set text = 'trim(' ~ column ~ ')' -%}
    case
        when {{ matches_pattern(text, day ~ '(' ~ time ~ ')?$') }}
            then {{ try_cast_to(text, 'timestamp') }}
        when {{ matches_pattern(text, day ~ time ~ zone ~ '$') }}
            then {{ try_cast_zoned(text) }}
    end
{%- endmacro %}
