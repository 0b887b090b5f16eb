{#- What a history table holds before this run; nothing, but typed, where it is not there yet. -#}
{% macro rows_so_far(column_types) -%}
    {%- if is_incremental() -%}
    select * from {{ this }}
    {%- else -%}
    select
        {%- for column, data_type in column_types.items() %}
        cast(null as {{ data_type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif -%}
{%- endmacro %}
