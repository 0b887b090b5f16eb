"""Make and write the demo shop's messages, a month at a time: sent, opened, clicked, left.

Whom a campaign reaches follows from consents, holdouts and sign-up; who reacts, from the planted
preferred channel, reading hour and benefit. Campaigns themselves stand in `demo_campaigns`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.demo_campaigns import DAYS_BETWEEN, TURN_OF_HOLDOUT, campaigns
from orchestration.demo_shop.event_dirt import MESSAGE_DIRT
from orchestration.demo_shop.landing_writer import write_parquet
from orchestration.demo_shop.month_dirt import count_dirt, mark_dirt, with_dirt
from orchestration.demo_shop.random_sql import Draw
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS, history_months

_DAY = 86_400
_BOUNCED_SHARE = 0.015
_COMPLAINT_SHARE = 0.0005
_CLICK_WITH_BENEFIT, _CLICK_OTHERWISE = 0.6, kinds.CLICK_SHARE_OF_OPENS

_CREATE_CAMPAIGNS = """
create table shop_campaigns (
    campaign_number bigint, campaign_id varchar, send_seconds bigint, topic varchar,
    benefit_tag varchar, effect double, holdout_share double, is_experiment boolean
)
"""


def prepare_messages(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `shop_campaigns`, after `shop_people`."""
    connection.execute(_CREATE_CAMPAIGNS)
    connection.executemany(
        "insert into shop_campaigns values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [
                each.number,
                each.campaign_id,
                each.send_seconds,
                each.topic,
                each.benefit_tag,
                each.effect,
                each.holdout_share,
                each.is_experiment,
            ]
            for each in campaigns()
        ],
    )


def write_messages(
    connection: duckdb.DuckDBPyConnection, landing: Path, *, is_dirty: bool
) -> tuple[list[Path], int]:
    """Write a file of messages per month.

    Returns:
        the files, and how many rows are in them.
    """
    files, row_count = [], 0
    for month in history_months():
        connection.execute(f"create table month_messages as {_messages(month)}")
        if is_dirty:
            mark_dirt(connection, "month_messages", "row_key", MESSAGE_DIRT)
            count_dirt(connection, "month_messages", MESSAGE_DIRT)
        connection.execute(
            "insert into month_dirt_counts"
            " select 'messages', 'machine_open', count(*) from month_messages where is_machine_open"
        )
        row_count += connection.execute("select count(*) from month_messages").fetchone()[0]
        files.append(landing / "messages" / f"messages_{month}.parquet")
        write_parquet(connection, _ROWS, files[-1])
        connection.execute("drop table month_messages")
    return files, row_count


def is_reached(campaign: str, person: str) -> str:
    """SQL condition: the person could get the campaign's e-mail when it was sent."""
    return (
        f"{person}.person_kind = 'account' and {person}.takes_email"
        f" and {person}.signed_up_seconds < {campaign}.send_seconds"
        f" and coalesce({person}.withdrawn_seconds, {HISTORY_SECONDS}) > {campaign}.send_seconds"
    )


def is_held_out(campaign: str, person: str) -> str:
    """SQL condition: the person gets none of the campaign's messages. As `Campaign` tells it."""
    return (
        f"({person}.holdout_draw + {campaign}.campaign_number * {TURN_OF_HOLDOUT}) % 1.0"
        f" < {campaign}.holdout_share"
    )


def _messages(month: str) -> str:
    return f"""
with

campaigns as (

    select * from shop_campaigns
    where strftime(instant(send_seconds), '%Y-%m') = '{month}'

),

channels as (

    select * from (values ('email', 0), ('push', 1), ('sms', 2)) as channels(channel, place)

),

sends as (

    select
        campaigns.*,
        channels.channel,
        shop_people.person_number,
        shop_people.benefit,
        shop_people.reading_hour,
        shop_people.timezone,
        shop_people.withdrawn_seconds,
        shop_people.has_privacy_proxy and channels.channel = 'email' as has_privacy_proxy,
        mixed(
            drawn_for({int(Draw.MESSAGE)}, shop_people.person_number),
            campaigns.campaign_number * 3 + channels.place
        ) as message_key,
        case when channels.channel = shop_people.preferred_channel
            then {kinds.OPEN_SHARE_PREFERRED} else {kinds.OPEN_SHARE_OTHER}
        end as open_share
    from campaigns
    cross join channels
    inner join shop_people
        on shop_people.signed_up_seconds < campaigns.send_seconds
        and coalesce(shop_people.withdrawn_seconds, {HISTORY_SECONDS}) > campaigns.send_seconds
        and not ({is_held_out("campaigns", "shop_people")})
    where shop_people.person_kind = 'account'
        and (
            (channels.channel = 'email' and shop_people.takes_email)
            or (
                channels.channel = 'push' and shop_people.takes_push
                and campaigns.campaign_number % 2 = 0
            )
            or (
                channels.channel = 'sms' and shop_people.takes_sms
                and campaigns.campaign_number % 2 = 1
            )
        )

),

timed as (

    select
        sends.*,
        sends.send_seconds + floor(unit(message_key, 0) * 3600)::bigint as sent_seconds,
        unit(message_key, 1) < {_BOUNCED_SHARE} as is_bounced,
        unit(message_key, 2) < open_share as is_opened,
        unit(message_key, 3)
        < case when benefit = benefit_tag then {_CLICK_WITH_BENEFIT} else {_CLICK_OTHERWISE} end
            as is_clicked,
        sends.send_seconds + floor((
            case
                when unit(message_key, 4) < {kinds.OWN_HOUR_SHARE} then reading_hour
                else 7 + floor(unit(message_key, 5) * 16)
            end + unit(message_key, 6)
        ) * 3600)::bigint - zone_offsets.offset_seconds as open_seconds
    from sends
    inner join zone_offsets
        on sends.timezone = zone_offsets.timezone
        and sends.send_seconds // {_DAY} = zone_offsets.day

),

steps as (

    select *, 0 as step, 'sent' as event_name, sent_seconds as seconds from timed
    union all
    select *, 1, case when is_bounced then 'bounce' else 'delivered' end, sent_seconds + 20
    from timed
    union all
    select *, 2, 'open', sent_seconds + 45 from timed where has_privacy_proxy and not is_bounced
    union all
    select *, 3, 'open', greatest(open_seconds, sent_seconds + 60) from timed
    where is_opened and not is_bounced
    union all
    select *, 4, 'click', greatest(open_seconds, sent_seconds + 60) + 40 from timed
    where is_opened and is_clicked and not is_bounced
    union all
    select *, 5, 'unsubscribe', withdrawn_seconds from timed
    where not is_bounced and withdrawn_seconds < send_seconds + {DAYS_BETWEEN * _DAY}
        and channel = 'email'
    union all
    select *, 6, 'complaint', sent_seconds + 7200 from timed
    where not is_bounced and unit(message_key, 7) < {_COMPLAINT_SHARE}

)

select
    null::varchar as dirt_kind,
    mixed(message_key, 50 + step) as row_key,
    message_key,
    event_name,
    seconds,
    person_number,
    channel,
    campaign_id,
    topic,
    benefit_tag,
    step = 2 as is_machine_open
from steps
where seconds < {HISTORY_SECONDS}
"""


_CLEAN_COLUMNS = {
    "source_system": "'webshop'",
    "message_id": "'m' || id_text(message_key)",
    "event_name": "event_name",
    "occurred_at": "instant_text(seconds)",
    "customer_id": "customer_id(person_number)",
    "email_hash": "null::varchar",
    "channel": "channel",
    "campaign_id": "campaign_id",
    "variant_id": "null::varchar",
    "topic": "topic",
    "benefit_tag": "benefit_tag",
    "is_machine_open": "is_machine_open::varchar",
}


_COLUMNS = ", ".join(
    f"{with_dirt(name, clean, MESSAGE_DIRT)} as {name}" for name, clean in _CLEAN_COLUMNS.items()
)
_ROWS = f"""
select {_COLUMNS}
from (from month_messages order by seconds, row_key, dirt_kind nulls first)
"""
