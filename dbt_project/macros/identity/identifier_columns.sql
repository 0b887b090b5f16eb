{#-
    Three columns: a row's identifier, the strongest of those that it has. A customer before an
    e-mail address before a device; an address is the same one in every source. Null without any.
-#}
{% macro identifier_columns(prefix='identifier', kinds=['customer', 'email', 'anonymous']) -%}
    {%- set column_of = {
        'customer': 'customer_id', 'email': 'email_hash', 'anonymous': 'anonymous_id'
    } -%}
    case
        {%- for kind in kinds %}
        when {{ column_of[kind] }} is not null then '{{ kind }}'
        {%- endfor %}
    end as {{ prefix }}_kind,
    case
        {%- for kind in kinds %}
        when {{ column_of[kind] }} is not null then {{ "''" if kind == 'email' else 'source_system' }}
        {%- endfor %}
    end as {{ prefix }}_source,
    coalesce(
        {%- for kind in kinds -%}
        {{ ', ' if not loop.first }}{{ column_of[kind] }}
        {%- endfor -%}
    ) as {{ prefix }}_value
{%- endmacro %}
