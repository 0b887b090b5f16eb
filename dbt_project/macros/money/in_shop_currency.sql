{#-
    An amount at a rate, rounded once to the four decimals that money has. Narrow factors, so that
    the product's 38 digits hold it exactly on every engine.
-#}
{% macro in_shop_currency(amount, rate) -%}
    {%- set exact_rate = 'cast(' ~ rate ~ ' as ' ~ engine_type('decimal(19, 10)') ~ ')' -%}
    cast(
        round(cast({{ amount }} as decimal(18, 4)) * {{ exact_rate }}, 4) as decimal(18, 4)
    )
{%- endmacro %}
