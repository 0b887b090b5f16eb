with

capability_definitions as (

    select * from {{ ref('capability_definitions') }}

),

input_coverage as (

    select * from {{ ref('int_input_coverage') }}

),

final as (

    select
        capability_definitions.feature_code,
        capability_definitions.feature_name,
        capability_definitions.slice,
        {{ as_of_date() }} as as_of_date,
        capability_definitions.input_name,
        capability_definitions.column_name,
        coalesce(input_coverage.filled_row_count, 0) > 0 as is_on,
        case
            when input_coverage.filled_row_count > 0
                then
                    {{ counted('input_coverage.filled_row_count', 'row') }} || ' with '
                    || capability_definitions.input_name || '.'
                    || capability_definitions.column_name
            else
                'no row with ' || capability_definitions.input_name || '.'
                || capability_definitions.column_name || ': '
                || capability_definitions.consequence
        end as reason
    from capability_definitions
    left join input_coverage
        on capability_definitions.input_name = input_coverage.input_name
        and capability_definitions.column_name = input_coverage.column_name

)

select * from final
