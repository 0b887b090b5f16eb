{#-
    The first UTC instant that no longer belongs to a day of the shop's calendar, so `< end` keeps
    the day's last microsecond. Where clocks go back over midnight, 00:00 comes twice and the engine
    gives the later one: an hour before it is the day after already, and that is the end.
-#}
{% macro end_of_local_day(day) -%}
    {%- set midnight = local_midnight(add_days(day, 1)) -%}
    {%- set hour_before = 'cast(' ~ dbt.dateadd('hour', -1, midnight) ~ ' as timestamp)' -%}
    case
        when {{ local_date(hour_before) }} > {{ day }} then {{ hour_before }}
        else {{ midnight }}
    end
{%- endmacro %}
