{#- Spark holds no constraint on Parquet, so the nulls that a contract forbids are looked up. -#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set conditions = [] -%}
    {%- for column in model.columns.values() -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do conditions.append(column.name ~ ' is null') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if config.get('contract').enforced and conditions -%}
        {%- set condition = conditions | join(' or ') -%}
        {%- set found = run_query('select 1 from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1') -%}
        {%- if found.rows | length > 0 -%}
            {%- do exceptions.raise_compiler_error(relation ~ ': a null that its contract forbids') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
