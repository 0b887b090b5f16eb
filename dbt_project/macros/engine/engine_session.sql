{#-
    What a connection must be told before a model is built. dbt-spark switches ANSI mode off, and
    then a sum that overflows or a cast that fails is null in silence.
-#}
{% macro engine_session() -%}
    {{ return(adapter.dispatch('engine_session')()) }}
{%- endmacro %}

{% macro default__engine_session() -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__engine_session() -%}
    {{ return('set spark.sql.ansi.enabled = true') }}
{%- endmacro %}
