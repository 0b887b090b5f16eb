{#-
    What an order's goods cost, before refunds: lines - discounts - tax if it is included. Without
    lines the header tells it: total - tax - shipping. Shipping counts where `shipping_in_revenue`
    says so. Never below zero: an order is worth nothing at the least. All in one currency.
-#}
{% macro goods_amount(
    line_amount, discount_amount, tax_amount, is_tax_included, shipping_amount, total_amount
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
    )
{%- endmacro %}
