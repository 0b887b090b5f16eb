{#-
    An ISO text that ends in Z or an offset, as a UTC timestamp, or null. A plain cast to timestamp
    would drop the offset in silence. Seconds may be missing, a blank may stand before the offset.
-#}
{% macro try_cast_zoned(text) -%}
    {{ return(adapter.dispatch('try_cast_zoned')(text)) }}
{%- endmacro %}

{% macro duckdb__try_cast_zoned(text) -%}
    timezone(
        'UTC',
        try_cast(
            regexp_replace(
                replace(replace(replace(upper({{ text }}), ' Z', 'Z'), ' +', '+'), ' -', '-'),
                '^(.{10}[T ][0-9]{2}:[0-9]{2})(Z|[+-].*)$',
                '\1:00\2'
            ) as timestamptz
        )
    )
{%- endmacro %}

{#- A timestamp of Spark is an instant, and the session's zone is UTC. -#}
{% macro spark__try_cast_zoned(text) -%}
    try_cast(
        regexp_replace(
            replace(replace(replace(upper({{ text }}), ' Z', 'Z'), ' +', '+'), ' -', '-'),
            r'^(.{10}[T ][0-9]{2}:[0-9]{2})(Z|[+-].*)$',
            r'$1:00$2'
        ) as timestamp
    )
{%- endmacro %}

{% macro snowflake__try_cast_zoned(text) -%}
    cast(convert_timezone('UTC', try_to_timestamp_tz({{ text }})) as timestamp_ntz)
{%- endmacro %}

{% macro bigquery__try_cast_zoned(text) -%}
    safe_cast({{ text }} as timestamp)
{%- endmacro %}
