{#- The largest arrival sequence that this arrival table already holds; -1 while it is empty. -#}
{% macro arrival_watermark() -%}
    (select coalesce(max(last_arrival_seq), -1) from {{ this }})
{%- endmacro %}
