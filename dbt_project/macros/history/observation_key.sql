{#- What a day was observed with: code and configuration, and the last delivery that counted. -#}
{% macro observation_key(definition_hash, intake_seq) -%}
    {{ definition_hash }} || '-' || cast({{ intake_seq }} as string)
{%- endmacro %}
