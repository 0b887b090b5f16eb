{#-
    Two columns from a list of [column, reason, condition]: why a row can't be used and which of its
    columns says so. The first rule that holds decides; null where none does.
-#}
{% macro reject_columns(rules) -%}
    case
        {%- for column, reason, condition in rules %}
        when {{ condition }} then '{{ reason }}'
        {%- endfor %}
    end as reject_reason,
    case
        {%- for column, reason, condition in rules %}
        when {{ condition }} then '{{ column }}'
        {%- endfor %}
    end as reject_column
{%- endmacro %}
