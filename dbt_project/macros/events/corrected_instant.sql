{#-
    When an event happened. The device's clock tells it, but the server's stands where the device's
    is later by more than a tolerance, or so much earlier that no delay explains it.
-#}
{% macro corrected_instant(occurred_at, received_at) -%}
    case
        when {{ has_skewed_clock(occurred_at, received_at) }} then {{ received_at }}
        else {{ occurred_at }}
    end
{%- endmacro %}
