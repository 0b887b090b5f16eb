{#-
    Limits what an arrival table reads to rows that one of the named models does not hold yet. With
    one of them missing, and in a full refresh, that is all rows.
-#}
{% macro not_yet_in_all_of(model_names) -%}
    {%- set relations = [] -%}
    {%- for model_name in model_names -%}
        {%- set relation = built_table(model_name) -%}
        {%- if relation is not none -%}
            {%- do relations.append(relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if relations | length == model_names | length -%}
    where arrival_seq > (
        select min(last_arrival_seq)
        from (
            {% for relation in relations -%}
            select coalesce(max(last_arrival_seq), -1) as last_arrival_seq from {{ relation }}
            {%- if not loop.last %}
            union all
            {% endif -%}
            {%- endfor %}
        ) as built
    )
    {%- endif -%}
{%- endmacro %}
