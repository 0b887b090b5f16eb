{#- The name of a time zone, or null where the text is none: engines fail on a zone they don't know. -#}
{% macro to_time_zone(column) -%}
    case
        when {{ clean_text(column) }} in ('{{ modules.pytz.all_timezones | join("', '") }}')
            then {{ clean_text(column) }}
    end
{%- endmacro %}
