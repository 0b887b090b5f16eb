with

row_counts as (

    select * from {{ ref('int_input_row_counts') }}

),

order_checks as (

    select * from {{ ref('int_order_checks') }}

),

event_checks as (

    select * from {{ ref('int_event_checks') }}

),

identity_checks as (

    select * from {{ ref('int_identity_checks') }}

),

check_definitions as (

    select * from {{ ref('data_quality_checks') }}

),

checks as (

    {% for outcome in ['delivered', 'accepted', 'duplicate', 'rejected', 'erased'] -%}
    select
        input_name,
        '{{ outcome }}_rows' as check_code,
        '' as detail,
        {{ outcome }}_row_count as row_count,
        delivered_row_count as of_row_count
    from row_counts

    union all

    {% endfor -%}
    select
        input_name,
        check_code,
        detail,
        row_count,
        of_row_count
    from order_checks

    union all

    select
        input_name,
        check_code,
        detail,
        row_count,
        of_row_count
    from event_checks

    union all

    select
        input_name,
        check_code,
        detail,
        row_count,
        of_row_count
    from identity_checks

),

final as (

    select
        checks.input_name,
        checks.check_code,
        checks.detail,
        {{ as_of_date() }} as as_of_date,
        cast(checks.row_count as bigint) as row_count,
        {{ share_of('checks.row_count', 'checks.of_row_count') }} as share,
        check_definitions.description
    from checks
    left join check_definitions
        on checks.check_code = check_definitions.check_code

)

select * from final
