"""Who listens: brand engagement, message channels, send time, interests."""

from __future__ import annotations

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import (
    Chart,
    Numbers,
    Section,
    grid,
    heat_map,
    hover,
    lying_bars,
    why_empty,
)
from orchestration.reporting.published_reader import PublishedReader

_TIERS = """
select segment_rank, segment_name, count(*) as people
from marts.engagement_segments
where segment_code <> 'insufficient_data'
group by segment_rank, segment_name
"""

_CHANNELS = """
select
    channel,
    count(*) as people,
    sum(delivered_count) as delivered,
    sum(reacted_count) as reacted
from marts.engagement_channels
group by channel
having sum(delivered_count) > 0
"""

# An hour and a weekday are few people: three hours together are more.
_HOURS = """
select
    best_weekday,
    best_hour // 3 * 3 as first_hour,
    count(*) as people
from marts.send_time
where basis = 'own'
group by best_weekday, best_hour // 3 * 3
"""

_TOPICS = """
select content_value as topic, count(*) as people, sum(signal_count) as signals
from marts.engagement_content
where content_kind = 'topic' and is_interest
group by content_value
"""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST_HOURS = tuple(range(0, 24, 3))
_MOST_TOPICS = 12


def engagement_section(reader: PublishedReader) -> Section:
    """The charts of engagement."""
    return Section(
        "engagement",
        "Who listens",
        "What people do with the brand, through which channel they react, and when.",
        [_tiers(reader), _channels(reader), _send_time(reader), _topics(reader)],
    )


def _tiers(reader: PublishedReader) -> Chart:
    tiers = reader.groups(_TIERS, "segment_rank, segment_name")
    missing = why_empty(reader, tiers, "brand_engagement")
    rows = tiers.rows
    figure = lying_bars(
        [row["segment_name"] for row in rows],
        [row["people"] for row in rows],
        [f"{told.whole(row['people'])}, {told.share(row['people'], tiers.people)}" for row in rows],
        [hover(row["segment_name"], told.people(row["people"])) for row in rows],
    )
    return Chart(
        "engagement-tiers",
        "Brand engagement",
        finding=(
            f"{rows[0]['segment_name']}: {told.people(rows[0]['people'])},"
            f" {told.share(rows[0]['people'], tiers.people)}."
            if rows
            else ""
        ),
        action=(
            "Ask the engaged for reviews and referrals; wake the rest with content before you"
            " send them an offer."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Engagement", "People", "Share"),
            [
                (
                    row["segment_name"],
                    told.whole(row["people"]),
                    told.share(row["people"], tiers.people),
                )
                for row in rows
            ],
        ),
        left_out=tiers.left_out,
        height=300,
    )


def _channels(reader: PublishedReader) -> Chart:
    channels = reader.groups(_CHANNELS, "channel")
    missing = why_empty(reader, channels, "message_channels")
    rows = sorted(
        channels.rows, key=lambda row: (-row["reacted"] / row["delivered"], row["channel"])
    )
    figure = lying_bars(
        [told.in_words(row["channel"]) for row in rows],
        [float(row["reacted"]) / float(row["delivered"]) for row in rows],
        [f"{told.share(row['reacted'], row['delivered'])}" for row in rows],
        [
            hover(
                row["channel"],
                f"{told.whole(row['reacted'])} of {told.whole(row['delivered'])} messages",
                f"to {told.people(row['people'])}",
            )
            for row in rows
        ],
    )
    return Chart(
        "message-channels",
        "Messages opened or clicked, by channel",
        finding=(
            f"{told.in_words(rows[0]['channel'])} does best:"
            f" {told.share(rows[0]['reacted'], rows[0]['delivered'])} of"
            f" {told.whole(rows[0]['delivered'])} delivered messages."
            if rows
            else ""
        ),
        action=(
            "Write to each person in the channel that `preferred_channel` names, and use the best"
            " one here where it names none."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Channel", "People", "Delivered", "Opened or clicked", "Rate"),
            [
                (
                    row["channel"],
                    told.whole(row["people"]),
                    told.whole(row["delivered"]),
                    told.whole(row["reacted"]),
                    told.share(row["reacted"], row["delivered"]),
                )
                for row in rows
            ],
        ),
        left_out=channels.left_out,
        height=300,
    )


def _send_time(reader: PublishedReader) -> Chart:
    times = reader.groups(_HOURS, "best_weekday, first_hour")
    missing = why_empty(reader, times, "send_time")
    laid_out = grid(times.rows, "best_weekday", "first_hour", range(1, 8), _FIRST_HOURS)
    spans = [f"{hour:02}–{hour + 3:02}" for hour in _FIRST_HOURS]
    figure = heat_map(
        [f"{hour:02}" for hour in _FIRST_HOURS],
        _WEEKDAYS,
        [[cell["people"] if cell else None for cell in row] for row in laid_out],
        [[told.whole(cell["people"]) if cell else "" for cell in row] for row in laid_out],
        [
            [
                hover(
                    f"{_WEEKDAYS[cell['best_weekday'] - 1]}, {cell['first_hour']:02} to"
                    f" {cell['first_hour'] + 3:02} h",
                    f"best for {told.people(cell['people'])}",
                )
                if cell
                else ""
                for cell in row
            ]
            for row in laid_out
        ],
    )
    finding = ""
    if times.rows:
        best = max(times.rows, key=lambda row: row["people"])
        finding = (
            f"{_WEEKDAYS[best['best_weekday'] - 1]}, {best['first_hour']:02} to"
            f" {best['first_hour'] + 3:02} h is best for {told.people(best['people'])} of"
            f" {told.whole(times.people)} whose own reactions tell."
        )
    return Chart(
        "send-time",
        "Best time to send",
        finding=finding,
        action=(
            "Send to each person at the hour that `send_time` gives, by their own clock; where"
            " the tool knows one time only, take the strongest cell."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Weekday", *spans),
            [
                (
                    weekday,
                    *[told.whole(cell["people"]) if cell else told.NONE for cell in row],
                )
                for weekday, row in zip(_WEEKDAYS, laid_out, strict=True)
            ],
        ),
        left_out=times.left_out,
        axes="Across: three hours from the one below, by people's own clocks. Cells: people.",
        height=340,
    )


def _topics(reader: PublishedReader) -> Chart:
    topics = reader.groups(_TOPICS, "topic")
    missing = why_empty(reader, topics, "content_topics")
    rows = sorted(topics.rows, key=lambda row: (-row["people"], row["topic"]))[:_MOST_TOPICS]
    figure = lying_bars(
        [row["topic"] for row in rows],
        [row["people"] for row in rows],
        [told.whole(row["people"]) for row in rows],
        [
            hover(
                row["topic"],
                f"an interest of {told.people(row['people'])}",
                f"{told.whole(row['signals'])} signals of theirs",
            )
            for row in rows
        ],
    )
    return Chart(
        "interests",
        "Interests in topics",
        finding=(
            f"{told.in_words(rows[0]['topic'])} is an interest of"
            f" {told.people(rows[0]['people'])}, more than any other topic."
            if rows
            else ""
        ),
        action="Choose the topic of the next mail for each group instead of one for everybody.",
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Topic", "People", "Signals"),
            [(row["topic"], told.whole(row["people"]), told.whole(row["signals"])) for row in rows],
        ),
        left_out=topics.left_out,
        height=340,
    )
