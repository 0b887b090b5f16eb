{#- A slice's profiles with their segment of one type; name the columns if not the main ones. -#}
{% macro memberships_of(slice, segment_type, code='segment_code', name='segment_name') -%}
    select
        profile_id,
        as_of_date,
        '{{ segment_type }}' as segment_type,
        {{ code }} as segment_code,
        {{ name }} as segment_name
    from {{ slice }}
{%- endmacro %}
