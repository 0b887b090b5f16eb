{#-
    A number as text: no thousands separators, currency signs, NaN or infinity. An exponent is a
    number's notation: 1e2 is 100.
-#}
{% macro number_pattern() -%}
    ^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$
{%- endmacro %}
