{#-
    Which of `days` are compared (again) with the observed day before them: the day that is built,
    the one after it, and each that has another day before it than it had when it was logged,
    because one between has been struck out. `logged_days` has the days as they were logged.
-#}
{% macro days_to_compare() -%}
    select
        days.as_of_date as changed_on,
        days.previous_observed_on,
        days.observation_key,
        days.change_month
    from days
    left join logged_days
        on days.as_of_date = logged_days.changed_on
    where
        days.as_of_date = {{ as_of_date() }}
        or days.previous_observed_on = {{ as_of_date() }}
        or logged_days.changed_on is null
        or days.previous_observed_on is distinct from logged_days.previous_observed_on
{%- endmacro %}
