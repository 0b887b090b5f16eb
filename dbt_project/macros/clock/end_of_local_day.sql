{#-
    The first UTC instant that no longer belongs to a day of the shop's calendar, so `< end` keeps
    the day's last microsecond. Where clocks go back over midnight, 00:00 comes twice and the engine
    gives the later one: up to three hours before it the day after has begun, and that is the end.
-#}
{% macro end_of_local_day(day) -%}
    {%- set midnight = local_midnight(add_days(day, 1)) -%}
    case
        {%- for hours in [3, 2, 1] %}
        {%- set earlier = 'cast(' ~ dbt.dateadd('hour', -hours, midnight) ~ ' as timestamp)' %}
        when {{ local_date(earlier) }} > {{ day }} then {{ earlier }}
        {%- endfor %}
        else {{ midnight }}
    end
{%- endmacro %}
