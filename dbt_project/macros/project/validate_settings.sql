{#- Refuses settings that make no sense before anything is built. -#}
{% macro validate_settings() -%}
    {%- set at_least_one = [
        'rfm_window_days', 'rfm_min_customers', 'session_timeout_minutes', 'session_max_hours',
        'max_events_per_identifier_day', 'max_devices_per_profile',
    ] -%}
    {%- set at_least_zero = [
        'fx_max_age_days', 'future_tolerance_hours', 'max_reject_share',
        'clock_skew_tolerance_minutes', 'max_event_delay_days', 'min_dwell_days',
    ] -%}
    {#- Of engagement and loyalty. -#}
    {%- do at_least_one.extend([
        'engagement_half_life_days', 'engagement_window_days', 'usage_window_days',
        'usage_units_window_days', 'usage_min_profiles', 'trend_window_days',
        'trend_min_active_days', 'pattern_min_visits', 'channel_min_messages',
        'content_min_signals', 'content_min_lift', 'loyalty_window_days', 'loyalty_window_months',
        'loyalty_lapse_factor',
    ]) -%}
    {%- do at_least_zero.extend([
        'channel_prior_messages', 'content_prior_signals', 'send_time_prior_reactions',
        'interval_prior_count', 'potential_loyalist_points',
    ]) -%}
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
    {%- if var('session_max_hours') > 24 or var('session_timeout_minutes') > 720 -%}
        {{- exceptions.raise_compiler_error('a session lasts at most 24 hours, a gap in it 12') -}}
    {%- endif -%}
    select 1
{%- endmacro %}
