-- Returns a buyer who fell through the bands of a measure, or has scores that can't be told.
select profile_id
from {{ ref('int_rfm_scores') }}
where
    (insufficient_reason is null)
    <> (
        recency_score is not null
        and frequency_score is not null
        and monetary_score is not null
    )
