{#-
    What something is worth after so many days, 1 on the day itself. Nine decimals, rounded before
    anything is added up: sums of doubles depend on their order.
-#}
{% macro half_life_decay(age_days) -%}
    cast(
        round(
            power(
                cast(0.5 as {{ engine_type('double') }}),
                {{ age_days }} / cast({{ var('engagement_half_life_days') }} as {{ engine_type('double') }})
            ),
            9
        ) as decimal(10, 9)
    )
{%- endmacro %}
