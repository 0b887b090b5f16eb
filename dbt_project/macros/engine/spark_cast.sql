{#- dbt's own cast, which contracts are checked with: they name types as DuckDB does. -#}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ engine_type(type) }})
{%- endmacro %}
