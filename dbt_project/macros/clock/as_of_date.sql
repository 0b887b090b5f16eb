{#- The only clock in the project, a one-row relation: models never call current_date. -#}
{% macro as_of_date() -%}
    (select as_of_date from {{ ref('as_of') }})
{%- endmacro %}
