{#- Reasons to reject a row for an instant. `loaded_at` is the row's own: a skewed clock shows. -#}
{% macro instant_rules(column, is_required=false) -%}
    {%- set text = column ~ '_text' -%}
    {%- set latest = dbt.dateadd('hour', var('future_tolerance_hours'), 'loaded_at') -%}
    {%- set earliest = "cast('" ~ var('earliest_valid_date') ~ "' as timestamp)" -%}
    {%- set rules = [] -%}
    {%- if is_required -%}
        {%- do rules.append([column, 'missing_timestamp', text ~ ' is null']) -%}
    {%- endif -%}
    {%- do rules.append(
        [column, 'invalid_timestamp', text ~ ' is not null and ' ~ column ~ ' is null']
    ) -%}
    {%- do rules.append([column, 'before_earliest_valid_date', column ~ ' < ' ~ earliest]) -%}
    {%- do rules.append([column, 'future_timestamp', column ~ ' > ' ~ latest]) -%}
    {{ return(rules) }}
{%- endmacro %}
