with

row_counts as (

    select * from {{ ref('int_input_row_counts') }}

),

order_checks as (

    select * from {{ ref('int_order_checks') }}

),

deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

check_definitions as (

    select * from {{ ref('data_quality_checks') }}

),

-- Files that came through a map, and tables of the contract that no segment reads: as intake has it.
other_inputs as (

    select
        deliveries.input_name,
        sum(deliveries.row_count) as delivered_row_count,
        sum(deliveries.accepted_row_count) as accepted_row_count,
        sum(deliveries.duplicate_row_count) as duplicate_row_count,
        sum(deliveries.rejected_row_count) as rejected_row_count,
        sum(deliveries.erased_row_count) as erased_row_count
    from deliveries
    left join row_counts
        on deliveries.input_name = row_counts.input_name
    where row_counts.input_name is null
    group by deliveries.input_name

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

    select
        input_name,
        '{{ outcome }}_rows' as check_code,
        '' as detail,
        {{ outcome }}_row_count as row_count,
        delivered_row_count as of_row_count
    from other_inputs

    union all

    {% endfor -%}
    select
        input_name,
        check_code,
        detail,
        row_count,
        of_row_count
    from order_checks

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
