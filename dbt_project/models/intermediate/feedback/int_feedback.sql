with

feedback as (

    select * from {{ ref('stg_feedback') }}
    where reject_reason is null

),

dated as (

    select
        feedback.*,
        {{ identifier_columns() }},
        {{ local_date('submitted_at') }} as feedback_date
    from feedback

),

hashed as (

    select
        dated.*,
        {{ content_hash([
            'kind', 'identifier_kind', 'identifier_source', 'identifier_value', 'submitted_at',
            'product_id', 'score', 'score_max', 'topic', 'benefit_tag', 'sentiment',
        ]) }} as content_hash
    from dated

),

-- The earliest stands: a later version must not take away what a past day knew.
ranked as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, feedback_id
            order by submitted_at, content_hash
        ) as version_rank
    from hashed

),

final as (

    select
        feedback_id,
        source_system,
        kind,
        identifier_kind,
        identifier_source,
        identifier_value,
        submitted_at,
        feedback_date,
        product_id,
        score,
        score_max,
        topic,
        benefit_tag,
        sentiment
    from ranked
    where version_rank = 1

)

select * from final
