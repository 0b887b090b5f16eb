{#- SHA-256 of a text, as 64 lower-case hexadecimal digits. -#}
{% macro sha256_hex(text) -%}
    {{ return(adapter.dispatch('sha256_hex')(text)) }}
{%- endmacro %}

{% macro duckdb__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256_hex(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}

{% macro snowflake__sha256_hex(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}

{% macro bigquery__sha256_hex(text) -%}
    to_hex(sha256({{ text }}))
{%- endmacro %}
