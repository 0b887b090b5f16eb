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
