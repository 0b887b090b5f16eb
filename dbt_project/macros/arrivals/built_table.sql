{#-
    The relation of a model that reads this one, where an earlier run built it; else none. It is no
    `ref`: what is asked is how far the earlier run came.
-#}
{% macro built_table(model_name) -%}
    {%- if execute and model.resource_type == 'model' and not should_full_refresh() -%}
        {{ return(adapter.get_relation(
            database=this.database, schema=this.schema, identifier=model_name
        )) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
