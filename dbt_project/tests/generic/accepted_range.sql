{#-
    Values outside of a closed range. Whatever is not inside fails, so NaN and infinity do too; null
    passes.
-#}
{% test accepted_range(model, column_name, minimum, maximum) %}

select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and not ({{ column_name }} >= {{ minimum }} and {{ column_name }} <= {{ maximum }})

{% endtest %}
