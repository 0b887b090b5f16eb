{#-
    A folder's schema as it stands; a target that builds beside puts its own schema in front.
    `history` is shared by all days, so a past day writes into the same one.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.schema == 'main' or custom_schema_name | trim == 'history' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
