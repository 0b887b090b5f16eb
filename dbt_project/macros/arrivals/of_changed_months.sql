{#-
    Limits an arrival table's input to the months that something arrived for since it was last
    built. A full refresh reads all of them.
-#}
{% macro of_changed_months(relation, month_column='event_month') -%}
    {%- if is_incremental() -%}
    where {{ month_column }} in (
        select {{ month_column }}
        from {{ relation }}
        where last_arrival_seq > {{ arrival_watermark() }}
    )
    {%- endif -%}
{%- endmacro %}
