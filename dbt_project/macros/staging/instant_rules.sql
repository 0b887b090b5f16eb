{#- Reasons to reject a row for an instant. `loaded_at` is the row's own: a skewed clock shows. -#}
{% macro instant_rules(column, is_required=false) -%}
    {%- set instant = to_instant(column) -%}
    {%- set latest = dbt.dateadd('hour', var('future_tolerance_hours'), to_instant('loaded_at')) -%}
    {%- set rules = [] -%}
    {%- if is_required -%}
        {%- do rules.append([column, 'missing_timestamp', clean_text(column) ~ ' is null']) -%}
    {%- endif -%}
    {%- do rules.append([
        column, 'invalid_timestamp', clean_text(column) ~ ' is not null and ' ~ instant ~ ' is null'
    ]) -%}
    {%- do rules.append([
        column, 'before_earliest_valid_date',
        instant ~ " < cast('" ~ var('earliest_valid_date') ~ "' as timestamp)"
    ]) -%}
    {%- do rules.append([column, 'future_timestamp', instant ~ ' > ' ~ latest]) -%}
    {{ return(rules) }}
{%- endmacro %}
