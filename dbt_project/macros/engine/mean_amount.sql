{#-
    total / number as decimal(18, 4), rounded half away from zero. Exact: DuckDB divides decimals as
    doubles, which loses digits and rounds ties otherwise than engines that divide decimals.
-#}
{% macro mean_amount(total, number) -%}
    {{ return(adapter.dispatch('mean_amount')(total, number)) }}
{%- endmacro %}

{% macro duckdb__mean_amount(total, number) -%}
    cast(
        sign({{ total }})
        * (
            (2 * cast(abs({{ total }}) * 10000 as hugeint) + {{ number }})
            // (2 * nullif({{ number }}, 0))
        )
        * cast(0.0001 as decimal(5, 4))
        as decimal(18, 4)
    )
{%- endmacro %}

{#- Spark divides decimals exactly, to fourteen digits here, and rounds a cast half away from zero. -#}
{% macro spark__mean_amount(total, number) -%}
    cast(
        cast({{ total }} as decimal(28, 4)) / cast(nullif({{ number }}, 0) as decimal(10, 0))
        as decimal(18, 4)
    )
{%- endmacro %}

{% macro snowflake__mean_amount(total, number) -%}
    cast(
        round(cast({{ total }} as decimal(28, 4)) / nullif({{ number }}, 0), 4) as decimal(18, 4)
    )
{%- endmacro %}

{% macro bigquery__mean_amount(total, number) -%}
    cast(
        round(cast({{ total }} as bignumeric) / nullif({{ number }}, 0), 4) as decimal(18, 4)
    )
{%- endmacro %}
