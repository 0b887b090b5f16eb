{#- A data type under the name that the engine has for it. -#}
{% macro engine_type(data_type) -%}
    {{ return(adapter.dispatch('engine_type')(data_type)) }}
{%- endmacro %}

{% macro default__engine_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}

{#- Spark wants a length with varchar. -#}
{% macro spark__engine_type(data_type) -%}
    {{ return('string' if data_type == 'varchar' else data_type) }}
{%- endmacro %}

{#- A decimal of BigQuery has nine decimals at the most. -#}
{% macro bigquery__engine_type(data_type) -%}
    {%- set names = {
        'varchar': 'string',
        'double': 'float64',
        'decimal(19, 10)': 'bignumeric(29, 10)',
        'decimal(38, 12)': 'bignumeric(38, 12)',
    } -%}
    {{ return(names.get(data_type, data_type)) }}
{%- endmacro %}
