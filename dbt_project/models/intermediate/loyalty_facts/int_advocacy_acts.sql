with

event_days as (

    select * from {{ ref('int_profile_event_days') }}
    where anchor_role = 'as_of'

),

feedback as (

    select * from {{ ref('int_feedback') }}
    where
        feedback_date <= {{ as_of_date() }}
        and feedback_date > {{ add_days(as_of_date(), '-' ~ behaviour_window_days()) }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

advocacy_rules as (

    select * from {{ ref('advocacy_rules') }}

),

event_acts as (

    select
        event_days.profile_id,
        event_days.event_date as act_date,
        advocacy_rules.act
    from event_days
    inner join advocacy_rules
        on advocacy_rules.source = 'event'
        and event_days.event_name = advocacy_rules.name

),

-- A score is praise by its share of the maximum, by itself, or by both, as the rule says.
feedback_acts as (

    select
        identifier_profiles.profile_id,
        feedback.feedback_date as act_date,
        advocacy_rules.act
    from feedback
    inner join advocacy_rules
        on advocacy_rules.source = 'feedback'
        and feedback.kind = advocacy_rules.name
        and feedback.score >= advocacy_rules.minimum_score
        and (
            advocacy_rules.minimum_share = 0
            or (
                feedback.score_max > 0
                and feedback.score >= advocacy_rules.minimum_share * feedback.score_max
            )
        )
    inner join identifier_profiles
        on feedback.identifier_kind = identifier_profiles.identifier_kind
        and feedback.identifier_source = identifier_profiles.identifier_source
        and feedback.identifier_value = identifier_profiles.identifier_value

),

acts as (

    select
        profile_id,
        act_date,
        act
    from event_acts

    union all

    select
        profile_id,
        act_date,
        act
    from feedback_acts

),

-- A review that comes as an event and as feedback on one day is one act.
final as (

    select
        profile_id,
        act_date,
        act
    from acts
    group by profile_id, act_date, act

)

select * from final
