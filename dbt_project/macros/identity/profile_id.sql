{#-
    The id of a person. The kind stands in front, so that an e-mail and a customer can't collide;
    `customer` and `anonymous` carry the source, because two shops may use the same ids.
-#}
{% macro profile_id(kind, key) -%}
    {{ sha256_hex("'" ~ kind ~ ":' || " ~ key) }}
{%- endmacro %}
