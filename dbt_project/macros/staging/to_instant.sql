{#-
    A UTC timestamp from ISO text: with Z or an offset it is converted, else it is UTC already. What
    no clock shows (24:00, an offset of 99:99) is none: engines read it in ways of their own.
-#}
{% macro to_instant(column) -%}
    {%- set day = '^[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?' -%}
    {%- set zone = ' ?([Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)' -%}
    {%- set text = 'trim(' ~ column ~ ')' -%}
    case
        when {{ matches_pattern(text, day ~ '(' ~ time ~ ')?$') }}
            then {{ try_cast_to(text, 'timestamp') }}
        when {{ matches_pattern(text, day ~ time ~ zone ~ '$') }}
            then {{ try_cast_zoned(text) }}
    end
{%- endmacro %}
