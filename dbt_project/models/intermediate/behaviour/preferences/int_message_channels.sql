with

messages as (

    select * from {{ ref('int_profile_messages') }}

),

known_channels as (

    select * from {{ ref('segment_definitions') }}
    where segment_type = 'preferred_channel'

),

own_messages as (

    select
        profile_id,
        channel,
        count(*) as sent_count,
        count(case when is_bounced then 1 end) as bounced_count,
        count(case when is_opened then 1 end) as opened_count,
        count(case when is_clicked then 1 end) as clicked_count,
        count(case when is_opened or is_clicked then 1 end) as reacted_count,
        -- Whoever reacts has got it, whatever a bounce says.
        count(case when not is_bounced or is_opened or is_clicked then 1 end)
            as delivered_count
    from messages
    group by profile_id, channel

),

channel_totals as (

    select
        channel,
        cast(sum(reacted_count) as bigint) as reacted_count,
        cast(sum(delivered_count) as bigint) as delivered_count
    from own_messages
    group by channel

),

-- The own rate, drawn towards the channel's by so many messages like the channel's.
rates as (

    select
        own_messages.*,
        {{ exact_ratio('channel_totals.reacted_count', 'channel_totals.delivered_count') }}
            as channel_response_rate,
        {{ exact_ratio(
            '(cast(own_messages.reacted_count as decimal(29, 0)) * channel_totals.delivered_count + '
            ~ var('channel_prior_messages') ~ ' * channel_totals.reacted_count)',
            '(cast(own_messages.delivered_count as decimal(29, 0)) + '
            ~ var('channel_prior_messages') ~ ') * channel_totals.delivered_count'
        ) }} as response_rate
    from own_messages
    inner join channel_totals
        on own_messages.channel = channel_totals.channel

),

candidates as (

    select
        rates.*,
        rates.delivered_count >= {{ var('channel_min_messages') }}
        and rates.reacted_count > 0
        and known_channels.segment_code is not null as is_candidate
    from rates
    left join known_channels
        on rates.channel = known_channels.segment_code

),

final as (

    select
        profile_id,
        channel,
        sent_count,
        bounced_count,
        delivered_count,
        opened_count,
        clicked_count,
        reacted_count,
        response_rate,
        channel_response_rate,
        is_candidate
        and row_number() over (
            partition by profile_id, is_candidate
            order by response_rate desc, reacted_count desc, channel
        ) = 1 as is_preferred
    from candidates

)

select * from final
