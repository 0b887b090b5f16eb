{#-
    What an order brought in: lines - discounts - tax if it is included - refunds. Without lines the
    header tells it: total - tax - shipping. Shipping is no revenue unless `shipping_in_revenue`.
    Never below zero before refunds: an order can't cost the customer less than nothing.
    The only place where this is worked out; all amounts are in one currency.
-#}
{% macro net_revenue(
    line_amount, discount_amount, tax_amount, is_tax_included, shipping_amount, total_amount,
    refunded_amount='0'
) -%}
    greatest(
        case
            when {{ line_amount }} is not null
                then
                    {{ line_amount }}
                    - coalesce({{ discount_amount }}, 0)
                    - case when {{ is_tax_included }} then coalesce({{ tax_amount }}, 0) else 0 end
                    {%- if var('shipping_in_revenue') %}
                    + coalesce({{ shipping_amount }}, 0)
                    {%- endif %}
            else
                {{ total_amount }}
                - coalesce({{ tax_amount }}, 0)
                {%- if not var('shipping_in_revenue') %}
                - coalesce({{ shipping_amount }}, 0)
                {%- endif %}
        end,
        0
    ) - {{ refunded_amount }}
{%- endmacro %}
