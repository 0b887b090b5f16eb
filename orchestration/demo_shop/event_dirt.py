"""The kinds of dirt that are planted among events and messages, with their shares of rows.

Expressions stand over the clean text row and `seconds`; `month_dirt` marks rows and counts them.
"""

from __future__ import annotations

from orchestration.demo_shop.dirt_kinds import DirtKind

# An added row's own id, so that it is no copy of the row it was made from.
_NEW_EVENT = {"event_id": "'x' || id_text(event_key)"}


def _event(
    code: str,
    case: str,
    share: float,
    changes: dict[str, str],
    *,
    is_rejected: bool = False,
    is_added: bool = True,
    eligible: str = "true",
) -> DirtKind:
    return DirtKind("events", code, case, share, changes, is_rejected, is_added, eligible)


LATE_DELIVERY = "late_delivery"
"""Rows of this kind come with the next month's file."""

EVENT_DIRT: tuple[DirtKind, ...] = (
    _event("exact_duplicate", "1", 0.004, {}),
    _event(
        "later_copy", "1", 0.002, {
            "occurred_at": "instant_text(seconds + 1)",
            "received_at": "instant_text(seconds + 60)",
        },
    ),
    _event("no_event_id", "1", 0.003, {"event_id": "null"}, is_added=False,
           eligible="device_number is not null"),
    _event(LATE_DELIVERY, "12", 0.003, {}, is_added=False),
    _event(
        "clock_ahead", "13", 0.002, {
            "occurred_at": "instant_text(seconds + 21600)", "received_at": "instant_text(seconds)",
        }, is_added=False,
    ),
    _event(
        "clock_years_behind", "13", 0.001, {
            "occurred_at": "instant_text(seconds - 63072000)",
            "received_at": "instant_text(seconds)",
        }, is_added=False,
    ),
    _event("unknown_event_name", "-", 0.002, _NEW_EVENT | {"event_name": "'purchse'"},
           eligible="is_signed_in"),
    _event(
        "hostile_text", "24", 0.001,
        {"search_term": "'\"; drop table events;-- {{ env_var(1) }} =HYPERLINK 🐈'"},
        is_added=False, eligible="event_name = 'search'",
    ),
    _event("future_stamp", "13", 0.001, _NEW_EVENT | {
        "occurred_at": "'2099-12-31 23:00:00'", "received_at": "null"}, is_rejected=True),
    _event("ancient_stamp", "13", 0.001, _NEW_EVENT | {
        "occurred_at": "'1970-01-01 00:00:00'", "received_at": "null"}, is_rejected=True),
    _event("broken_date", "-", 0.001, _NEW_EVENT | {"occurred_at": "'2025-02-30 10:00:00'"},
           is_rejected=True),
    _event("missing_event_name", "-", 0.001, _NEW_EVENT | {"event_name": "null"},
           is_rejected=True),
    _event("missing_identifier", "-", 0.001, _NEW_EVENT | {
        "customer_id": "null", "anonymous_id": "null", "email_hash": "null"}, is_rejected=True),
    _event("blocked_identifier", "15", 0.001, _NEW_EVENT | {
        "customer_id": "null", "anonymous_id": "'00000000-0000-0000-0000-000000000000'",
        "email_hash": "null"}, is_rejected=True),
    _event("negative_seconds", "-", 0.001, _NEW_EVENT | {"engaged_seconds": "'-5'"},
           is_rejected=True),
)  # fmt: skip

# Whole identifiers that are no people; their rows are added as visits of nobody.
MACHINE_DIRT: tuple[DirtKind, ...] = (
    _event("bot_user_agent", "14", 0.0, {
        "user_agent": "'Mozilla/5.0 (compatible; Googlebot/2.1)'"}),
    _event("told_bot", "14", 0.0, {"is_bot": "'true'"}),
    _event("crowded_identifier", "14", 0.0, {}),
)  # fmt: skip


def _message(
    code: str, case: str, share: float, changes: dict[str, str], *, is_rejected: bool = False
) -> DirtKind:
    return DirtKind("messages", code, case, share, changes, is_rejected)


MESSAGE_DIRT: tuple[DirtKind, ...] = (
    _message("exact_duplicate", "1", 0.004, {}),
    _message("unknown_event_name", "-", 0.001, {"event_name": "'opend'"}, is_rejected=True),
    _message("missing_message_id", "-", 0.001, {"message_id": "null"}, is_rejected=True),
    _message("missing_campaign", "-", 0.001, {"campaign_id": "null"}, is_rejected=True),
    _message("missing_identifier", "-", 0.001, {
        "customer_id": "null", "email_hash": "null"}, is_rejected=True),
    _message("future_stamp", "13", 0.001, {
        "occurred_at": "'2099-12-31 23:00:00'"}, is_rejected=True),
    _message("broken_date", "-", 0.001, {"occurred_at": "'32.13.2025'"}, is_rejected=True),
)  # fmt: skip
