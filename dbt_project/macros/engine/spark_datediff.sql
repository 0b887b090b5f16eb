{#-
    Boundaries between two days, as a bigint like elsewhere; dbt-spark's own gives an int. Days and
    months alone: no model counts anything else.
-#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set first = 'cast(' ~ first_date ~ ' as date)' -%}
    {%- set second = 'cast(' ~ second_date ~ ' as date)' -%}
    {%- if datepart == 'day' -%}
        cast(datediff({{ second }}, {{ first }}) as bigint)
    {%- elif datepart == 'month' -%}
        cast(
            12 * (year({{ second }}) - year({{ first }})) + month({{ second }}) - month({{ first }})
            as bigint
        )
    {%- else -%}
        {{- exceptions.raise_compiler_error('no difference in ' ~ datepart ~ ' on Spark yet') -}}
    {%- endif -%}
{%- endmacro %}
