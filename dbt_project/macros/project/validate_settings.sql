{#- Refuses settings that make no sense before anything is built. -#}
{% macro validate_settings() -%}
    {%- set at_least_one = ['rfm_window_days', 'rfm_min_customers'] -%}
    {%- set at_least_zero = [
        'fx_max_age_days', 'future_tolerance_hours', 'max_reject_share', 'min_dwell_days'
    ] -%}
    {%- set one_of = {
        'rfm_grid': ['standard', 'community'],
        'rfm_cut_points': ['quarter_start', 'as_of_date'],
        'churn_horizon_days': [30, 90, 365],
        'clv_value_basis': ['revenue'],
        'count_zero_value_orders': [true, false],
        'shipping_in_revenue': [true, false],
    } -%}

    {%- for name in at_least_one if var(name) < 1 -%}
        {{- exceptions.raise_compiler_error(name ~ ' must be at least 1') -}}
    {%- endfor -%}
    {%- for name in at_least_zero if var(name) < 0 -%}
        {{- exceptions.raise_compiler_error(name ~ ' must not be negative') -}}
    {%- endfor -%}
    {%- for name, allowed in one_of.items() if var(name) not in allowed -%}
        {{- exceptions.raise_compiler_error(name ~ ' must be one of ' ~ allowed | join(', ')) -}}
    {%- endfor -%}
    select 1
{%- endmacro %}
