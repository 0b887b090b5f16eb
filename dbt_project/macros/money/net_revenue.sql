{#-
    What an order brought in, the only rule for it: lines - discounts - tax if included (that is
    `goods_amount`) - refunds. Refunds above the goods take no more than the goods.
-#}
{% macro net_revenue(goods_amount, refunded_amount) -%}
    {{ goods_amount }} - least({{ refunded_amount }}, {{ goods_amount }})
{%- endmacro %}
