{#- Profiles in = profiles out: those that are missing from the model, and those nobody knows. -#}
{% test has_every_profile(model, column_name) %}

select
    profiles.profile_id as missing_profile_id,
    found.{{ column_name }} as unknown_profile_id
from {{ ref('int_profiles') }} as profiles
full outer join {{ model }} as found
    on profiles.profile_id = found.{{ column_name }}
where profiles.profile_id is null or found.{{ column_name }} is null

{% endtest %}
