{#- Whether a regular expression is found in a text. -#}
{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{#- Java's `$` also stands before a last line break: `\z` is the end and nothing else. -#}
{% macro spark__matches_pattern(text, pattern) -%}
    {%- set is_open = not pattern.endswith('$') -%}
    ({{ text }} rlike r'{{ pattern if is_open else pattern[:-1] ~ "\\z" }}')
{%- endmacro %}

{#- Snowflake's regexp_like matches whole texts only. -#}
{% macro snowflake__matches_pattern(text, pattern) -%}
    (regexp_instr({{ text }}, '{{ pattern }}') > 0)
{%- endmacro %}

{% macro bigquery__matches_pattern(text, pattern) -%}
    regexp_contains({{ text }}, r'{{ pattern }}')
{%- endmacro %}
