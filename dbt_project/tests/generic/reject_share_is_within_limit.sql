{#- The input of which a larger share was rejected than `max_reject_share` allows. -#}
{% test reject_share_is_within_limit(model, input_name) %}

select
    input_name,
    rejected_row_count,
    delivered_row_count
from {{ model }}
where
    input_name = '{{ input_name }}'
    and rejected_row_count > {{ var('max_reject_share') }} * delivered_row_count

{% endtest %}
