{#-
    The id of a person. The kind stands in front, so that an e-mail and a customer can't collide;
    customers and anonymous orders carry their source, because two shops may use the same ids.
-#}
{% macro profile_id(kind, key_columns) -%}
    {{ sha256_hex("'" ~ kind ~ ":' || " ~ natural_key(key_columns)) }}
{%- endmacro %}
