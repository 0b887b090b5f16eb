{#- Limits an arrival table's input to rows that arrived since it was last built. -#}
{% macro since_last_arrival() -%}
    {%- if is_incremental() -%}
    where arrival_seq > {{ arrival_watermark() }}
    {%- endif -%}
{%- endmacro %}
