{#- A natural key as one text. The lengths in front keep ('a', 'bc') apart from ('ab', 'c'). -#}
{% macro natural_key(columns) -%}
    {%- for column in columns -%}
        {{- " || " if not loop.first -}}
        cast(length(coalesce({{ column }}, '')) as string) || ':' || coalesce({{ column }}, '')
    {%- endfor -%}
{%- endmacro %}
