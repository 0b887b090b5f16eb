{#-
    Reasons to reject an event for its time. Limits hold for the corrected instant: a clock that
    goes wrong is put right by the server's and is no reason.
-#}
{% macro event_instant_rules() -%}
    {%- set instant = '(' ~ corrected_instant('occurred_at', 'received_at') ~ ')' -%}
    {%- set latest = dbt.dateadd('hour', var('future_tolerance_hours'), 'loaded_at') -%}
    {%- set earliest = "cast('" ~ var('earliest_valid_date') ~ "' as timestamp)" -%}
    {{ return([
        ['occurred_at', 'missing_timestamp', 'occurred_at_text is null'],
        ['occurred_at', 'invalid_timestamp', 'occurred_at is null'],
        ['received_at', 'invalid_timestamp', 'received_at_text is not null and received_at is null'],
        ['occurred_at', 'before_earliest_valid_date', instant ~ ' < ' ~ earliest],
        ['occurred_at', 'future_timestamp', instant ~ ' > ' ~ latest],
    ]) }}
{%- endmacro %}
