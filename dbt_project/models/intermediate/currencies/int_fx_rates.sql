with

fx_rates as (

    select * from {{ ref('stg_fx_rates') }}
    where
        reject_reason is null
        and to_currency = '{{ var("shop_currency") }}'
        and from_currency <> to_currency

),

-- The first arrival stands for its copies: a rate delivered again is not a newer one.
versions as (

    select
        from_currency,
        rate_date,
        rate,
        min(arrival_seq) as arrival_seq
    from fx_rates
    group by from_currency, rate_date, rate

),

ranked as (

    select
        versions.*,
        row_number() over (
            partition by from_currency, rate_date
            order by arrival_seq desc, rate desc
        ) as version_rank
    from versions

),

rates as (

    select
        from_currency,
        rate_date as valid_from_date,
        rate,
        lead(rate_date) over (partition by from_currency order by rate_date) as next_rate_date,
        {{ add_days('rate_date', var('fx_max_age_days') + 1) }} as outdated_date
    from ranked
    where version_rank = 1

),

final as (

    select
        from_currency,
        valid_from_date,
        least(coalesce(next_rate_date, outdated_date), outdated_date) as valid_to_date,
        rate
    from rates

)

select * from final
