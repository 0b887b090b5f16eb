"""Engagement and loyalty of the small shop, against answers worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from test_golden_shop import PEOPLE, by_person

NO_VISITS = (0, None, None, None, "undetermined")
# Nobody else comes; everybody's last cut points are the day's own, nobody was there before.
ABSENT = (
    *("none", "0", None, 0, 0, "undetermined", "undetermined", 0, 0),
    *("none", "0", "none", 0, 0, *NO_VISITS, None, None),
    "nothing that counts in 365 days",
)
# Brand engagement, score, last active, active days now and before, trend, preferred channel,
# messages, reactions; usage, days of use, channel mix, days online and in store; visits, share on
# weekends, part of the day, weekday, pattern; top topic and format; reason.
GOLDEN_ENGAGEMENT = {
    # 6.6 today, half of 5 from 31 May, a quarter of 4 from 1 May. In Tokyo it was 1 June at 1:00.
    "frequent": (
        *("low", "10.1000", "2024-06-30", 1, 1, "undetermined", "email", 5, 1),
        *("heavy", "2", "online_only", 2, 0, 2, "1", "night", 6, "undetermined"),
        *("recipes", "article", "brand score 10.10, last active 0 days ago"),
    ),
    # Three films and a visit, ten days ago, and 3 points for each text of 27 to 23 days ago.
    "once": (
        *("low", "13.9789", "2024-06-20", 1, 0, "undetermined", "sms", 10, 5),
        *("medium", "1", "omnichannel", 1, 1, 1, "0", "daytime", 4, "undetermined"),
        *("travel", "video", "brand score 13.98, last active 10 days ago"),
    ),
    "visitor": (
        *("low", "0.5863", "2024-06-29", 1, 0, "undetermined", "undetermined", 0, 0),
        *("medium", "1", "online_only", 1, 0, 1, "1", "early_morning", 6, "undetermined"),
        *(None, None, "brand score 0.59, last active 1 day ago"),
    ),
}

# sent, back, delivered, opened, clicked, reacted, rate, the channel's, preferred.
GOLDEN_CHANNELS = {
    ("frequent", "email"): (5, 0, 5, 1, 1, 1, "0.140741", "0.111111", True),
    ("once", "email"): (5, 1, 4, 0, 0, 0, "0.079365", "0.111111", False),
    ("once", "sms"): (5, 0, 5, 0, 5, 5, "1", "1", True),
}

# Signals, own share, everybody's, lift, interest.
GOLDEN_CONTENT = {
    ("frequent", "topic", "recipes"): (6, "1", "0.666667", "1.272727", True),
    ("frequent", "format", "article"): (6, "1", "0.666667", "1.272727", True),
    ("once", "topic", "travel"): (3, "1", "0.333333", "1.75", True),
    ("once", "format", "video"): (3, "1", "0.333333", "1.75", True),
}

# Five reactions at 9 and one at 7; two of six on Thursdays.
GOLDEN_SEND_TIME = {
    "frequent": ("own", "Asia/Tokyo", True, 9, "0.757576", 4, "0.393939", 1),
    "once": ("own", "America/New_York", False, 9, "0.888889", 4, "0.288889", 5),
}
EVERYBODYS_TIME = ("population", "America/New_York", False, 9, "0.833333", 4, "0.333333", 0)

# What a prospect has: attitude points alone.
PROSPECT = (
    *("prospect", None, None, False, 0, 0, 0, 0, 0, 0, 0),
    *(None, None, False, None, None, False, "none", False, None, None, "no order that counts yet"),
)


def bought_once(since: int, *, lapsing: bool = False, advocacy: int = 0) -> tuple:
    """One order in the last year: 3 points for it, 2 for its month; the next may take 46 days."""
    score = f"{5 + advocacy}.00"
    reason = f"{score} points of 100"
    if lapsing:
        reason = f"{score} points, last order {since} days ago where 46.00 are usual"
    lacking = str(40 - 5 - advocacy)
    return (
        *("low", score, "low", False, 0, 3, 0, 2, 0, 0, advocacy),
        *(since, "46.00", lapsing, "medium", lacking, False, "none", False, None, None, reason),
    )


# Tier, score, raw tier, in grace; points for tenure, frequency, regularity, months, brand, content,
# advocacy; days since the last order, expected, lapsing; next tier, points to it, potential;
# quadrant; member, since, programme tier; reason.
GOLDEN_LOYALTY = {
    # Intervals 55, 76, 36, median 55: (3 * 55 - 40) / (5 * 55) regular, (3 * 55 + 2 * 46) / 5 days.
    "frequent": (
        *("low", "39.00", "low", False, 3, 12, 6, 7, 8, 3, 0),
        *(5, "51.40", False, "medium", "1", True, "spurious"),
        *(True, dt.date(2024, 1, 10), "gold", "39.00 points of 100"),
    ),
    # Two orders: one interval of 46 days is as good as 1 of 3.
    "sometimes_guest": (
        *("low", "15.00", "low", False, 0, 8, 3, 4, 0, 0, 0),
        *(10, "46.00", False, "medium", "25", False, "none"),
        *(False, None, None, "15.00 points of 100"),
    ),
    "once": (
        *("low", "16.00", "low", False, 0, 3, 0, 2, 8, 3, 0),
        *(136, "46.00", False, "medium", "24", False, "none"),
        *(False, None, None, "16.00 points of 100"),
    ),
    "lapsed": (
        *("low", "0.00", "low", False, 0, 0, 0, 0, 0, 0, 0),
        *(1215, "46.00", True, "medium", "40", False, "none", False, None, None),
        "0.00 points, last order 1215 days ago where 46.00 are usual",
    ),
    "part_refund": bought_once(102, advocacy=5),
    "cancelled_tomorrow": bought_once(20),
    "euro": bought_once(81),
    # Renewals are no orders: 167 days are more than three times 46.
    "subscriber": bought_once(167, lapsing=True),
    "lone_refund": bought_once(76),
    "stranger": bought_once(0),
    "walk_in1": bought_once(25),
    "walk_in2": bought_once(24),
}


def exact(row: tuple) -> tuple:
    """Texts that are numbers or days, as the database gives them."""

    def value(cell: object) -> object:
        if isinstance(cell, str) and cell[:1].isdigit() and " " not in cell:
            return dt.date.fromisoformat(cell) if cell.count("-") == 2 else Decimal(cell)
        return cell

    return tuple(value(cell) for cell in row)


@pytest.fixture(scope="module")
def engagement(small_shop):
    return by_person(
        small_shop.rows(
            "select profile_id, segment_code, brand_score, last_active_date,"
            " recent_active_day_count, earlier_active_day_count, trend, preferred_channel,"
            " message_count, message_reaction_count, usage_segment, usage_value, channel_mix,"
            " online_day_count, store_day_count, visit_count, weekend_visit_share, top_daypart,"
            " top_weekday, visit_pattern, top_content_topic, top_content_format, reason"
            " from marts.engagement_segments"
        )
    )


@pytest.fixture(scope="module")
def loyalty(small_shop):
    return by_person(
        small_shop.rows(
            "select profile_id, segment_code, loyalty_score, raw_tier, is_in_grace,"
            " tenure_points, frequency_points, regularity_points, active_months_points,"
            " brand_interaction_points, content_points, advocacy_points, days_since_last_order,"
            " expected_interval_days, is_lapsing, next_tier, points_to_next_tier,"
            " is_potential_loyalist, loyalty_quadrant, is_programme_member,"
            " programme_joined_date, programme_tier, reason from marts.loyalty_segments"
        )
    )


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_has_the_engagement_worked_out_by_hand(engagement, person):
    assert engagement[person] == exact(GOLDEN_ENGAGEMENT.get(person, ABSENT))


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_has_the_loyalty_worked_out_by_hand(loyalty, person):
    assert loyalty[person] == exact(GOLDEN_LOYALTY.get(person, PROSPECT))


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_has_the_send_time_worked_out_by_hand(small_shop, person):
    found = small_shop.rows(
        "select basis, time_zone, is_own_time_zone, best_hour, best_hour_share, best_weekday,"
        " best_weekday_share, reaction_count from marts.send_time"
        f" where profile_id = '{PEOPLE[person]}'"
    )
    assert found == [exact(GOLDEN_SEND_TIME.get(person, EVERYBODYS_TIME))]


def test_channels_are_those_worked_out_by_hand(small_shop):
    found = small_shop.rows(
        "select profile_id, channel, sent_count, bounced_count, delivered_count, opened_count,"
        " clicked_count, reacted_count, response_rate, channel_response_rate, is_preferred"
        " from marts.engagement_channels"
    )
    names = {profile: name for name, profile in PEOPLE.items()}
    assert {(names[row[0]], row[1]): row[2:] for row in found} == {
        key: exact(row) for key, row in GOLDEN_CHANNELS.items()
    }


def test_interests_are_those_worked_out_by_hand(small_shop):
    found = small_shop.rows(
        "select profile_id, content_kind, content_value, signal_count, own_share,"
        " population_share, lift, is_interest from marts.engagement_content"
    )
    names = {profile: name for name, profile in PEOPLE.items()}
    assert {(names[row[0]], *row[1:3]): row[3:] for row in found} == {
        key: exact(row) for key, row in GOLDEN_CONTENT.items()
    }


def test_customer_360_has_the_segments_of_both_slices(small_shop):
    found = small_shop.rows(
        "select brand_engagement_name, preferred_channel_name, usage_segment_name,"
        " channel_mix_name, loyalty_tier_name, brand_score, loyalty_score, loyalty_quadrant"
        f" from marts.customer_360 where profile_id = '{PEOPLE['frequent']}'"
    )
    assert found == [
        (
            *("Low engagement", "Prefers e-mail", "Heavy user", "Online only", "Low loyalty"),
            *(Decimal("10.1000"), Decimal("39.00"), "spurious"),
        )
    ]
