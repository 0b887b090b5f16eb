{#-
    number / total, rounded half away from zero to some decimals; null where the total is 0. Both
    have at most four decimals. Exact, and so the same on every engine: a quotient of doubles rounds
    ties by chance.
-#}
{% macro exact_ratio(number, total, decimals=6) -%}
    {{ return(adapter.dispatch('exact_ratio')(number, total, decimals)) }}
{%- endmacro %}

{% macro duckdb__exact_ratio(number, total, decimals) -%}
    {%- set scale = 10 ** decimals -%}
    {%- set dividend = "cast(cast(" ~ number ~ " as decimal(38, 4)) * 10000 as hugeint)" -%}
    {%- set divisor = "cast(cast(" ~ total ~ " as decimal(38, 4)) * 10000 as hugeint)" -%}
    cast(
        sign({{ dividend }})
        * (
            (2 * {{ scale }} * abs({{ dividend }}) + {{ divisor }})
            // (2 * nullif({{ divisor }}, 0))
        )
        * cast({{ '%.*f' % (decimals, 1 / scale) }} as decimal({{ decimals + 1 }}, {{ decimals }}))
        as decimal(18, {{ decimals }})
    )
{%- endmacro %}
