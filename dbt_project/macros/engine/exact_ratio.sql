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

{#- Spark's own quotient of decimals is cut to some digits before the cast would round it. -#}
{% macro spark__exact_ratio(number, total, decimals) -%}
    {%- set scale = 10 ** decimals -%}
    {%- set dividend = "cast(cast(" ~ number ~ " as decimal(24, 4)) * 10000 as decimal(24, 0))" -%}
    {%- set divisor = "cast(cast(" ~ total ~ " as decimal(24, 4)) * 10000 as decimal(24, 0))" -%}
    cast(
        case when {{ dividend }} < 0 then -1 else 1 end
        * (
            (cast({{ 2 * scale }} as decimal(12, 0)) * abs({{ dividend }}) + {{ divisor }})
            div (2 * nullif({{ divisor }}, 0))
        )
        * cast({{ '%.*f' % (decimals, 1 / scale) }} as decimal({{ decimals + 1 }}, {{ decimals }}))
        as decimal(18, {{ decimals }})
    )
{%- endmacro %}

{% macro snowflake__exact_ratio(number, total, decimals) -%}
    cast(
        round(cast({{ number }} as decimal(28, 4)) / nullif({{ total }}, 0), {{ decimals }})
        as decimal(18, {{ decimals }})
    )
{%- endmacro %}

{% macro bigquery__exact_ratio(number, total, decimals) -%}
    cast(
        round(cast({{ number }} as bignumeric) / nullif({{ total }}, 0), {{ decimals }})
        as decimal(18, {{ decimals }})
    )
{%- endmacro %}
