{#- True or false from the usual spellings; null where the text is empty or none of them. -#}
{% macro to_boolean(column) -%}
    case
        when {{ to_code(column) }} in ('true', 't', 'yes', 'y', '1') then true
        when {{ to_code(column) }} in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}
