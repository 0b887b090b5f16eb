{#- The day whose data the CLV models are fitted on, never later than as_of_date. -#}
{% macro clv_fit_date() -%}
    (select clv_fit_date from {{ ref('as_of') }})
{%- endmacro %}
