{#- Bands are lower bounds only, so they cover everything if the lowest one is the start. -#}
{% test bands_start_at(model, column_name, start) %}

select min({{ column_name }}) as lowest_bound
from {{ model }}
having coalesce(min({{ column_name }}) <> {{ start }}, true)

{% endtest %}
