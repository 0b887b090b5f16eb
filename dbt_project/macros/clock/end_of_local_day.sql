{#-
    The first UTC instant that no longer belongs to a day of the shop's calendar, so `< end` keeps
    the day's last microsecond.
-#}
{% macro end_of_local_day(day) -%}
    {{ local_midnight(add_days(day, 1)) }}
{%- endmacro %}
