{#- dbt-bigquery's own gives a datetime, which BigQuery does not compare with a timestamp. -#}
{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- if datepart in ['hour', 'minute', 'second'] -%}
        timestamp_add({{ from_date_or_timestamp }}, interval {{ interval }} {{ datepart }})
    {%- else -%}
        datetime_add(
            cast({{ from_date_or_timestamp }} as datetime), interval {{ interval }} {{ datepart }}
        )
    {%- endif -%}
{%- endmacro %}
