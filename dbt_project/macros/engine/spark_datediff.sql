{#-
    Boundaries between two days or instants, as a bigint like elsewhere; dbt-spark's own gives an
    int. Days alone: no model counts anything else.
-#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart != 'day' -%}
        {{- exceptions.raise_compiler_error('no difference in ' ~ datepart ~ ' on Spark yet') -}}
    {%- endif -%}
    cast(datediff(cast({{ second_date }} as date), cast({{ first_date }} as date)) as bigint)
{%- endmacro %}
