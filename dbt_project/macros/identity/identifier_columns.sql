{#-
    Three columns: the strongest identifier that a row has itself, as kind, source and value. An
    e-mail address is the same in every source. All null where the row names nobody.
-#}
{% macro identifier_columns(has_anonymous=false) -%}
    case
        when customer_id is not null then 'customer'
        when email_hash is not null then 'email'
        {%- if has_anonymous %}
        when anonymous_id is not null then 'anonymous'
        {%- endif %}
    end as identifier_kind,
    case
        when customer_id is not null then source_system
        when email_hash is not null then ''
        {%- if has_anonymous %}
        when anonymous_id is not null then source_system
        {%- endif %}
    end as identifier_source,
    {%- if has_anonymous %}
    coalesce(customer_id, email_hash, anonymous_id) as identifier_value
    {%- else %}
    coalesce(customer_id, email_hash) as identifier_value
    {%- endif %}
{%- endmacro %}
