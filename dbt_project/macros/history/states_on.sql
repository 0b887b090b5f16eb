{#-
    For each of `comparisons`, what was so on `day`, one of its two days: the last that a log of
    differences says by then. The log has not yet seen the day that is built: its own state is
    `current`.

    `<log>_days` are the days of the log, grouped by day though each has one row: so the planner knows
    that they are few, and looks each row of the log up among them instead of the other way round.
-#}
{% macro states_on(day, keys, values, log='logged', current=none) -%}
    select
        comparisons.changed_on,
        {%- for key in keys %}
        {{ log }}.{{ key }},
        {%- endfor %}
        {%- for value in values %}
        {{ latest_of(log ~ '.to_' ~ value, log ~ '.changed_on') }} as {{ value }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from comparisons
    inner join {{ log }}_days
        on comparisons.{{ day }} >= {{ log }}_days.changed_on
    -- By equal days: a join by order would sort the whole log.
    inner join {{ log }}
        on {{ log }}_days.changed_on = {{ log }}.changed_on
    where
        {{ log }}.profile_id is not null
        {%- if current %}
        and comparisons.{{ day }} <> {{ as_of_date() }}
        {%- endif %}
    group by
        comparisons.changed_on
        {%- for key in keys %},
        {{ log }}.{{ key }}
        {%- endfor %}
    {%- if current %}

    union all

    select
        comparisons.changed_on,
        {%- for column in keys + values %}
        {{ current }}.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from comparisons
    inner join {{ current }}
        on comparisons.{{ day }} = {{ current }}.as_of_date
    {%- endif %}
{%- endmacro %}
