"""What some people of the small shop do: visits, messages they get, opinions they give.

The rows are here, the answers are typed by hand in `test_golden_behaviour.py`.
"""

from __future__ import annotations

Row = dict[str, object]


def _event(event_id: str, occurred_at: str, event_name: str, **more: object) -> Row:
    return {
        "event_id": event_id,
        "occurred_at": occurred_at,
        "event_name": event_name,
        **more,
    }


_FREQUENT = {"customer_id": "frequent", "anonymous_id": "d1", "channel": "web"}
_ONCE = {"customer_id": "once"}

EVENTS = [
    # 31 May: twelve pages, of which ten count; six of them are articles on recipes.
    *(
        _event(f"page{n}", f"2024-05-31T16:{n:02}:00Z", "page_view", **_FREQUENT)
        | ({"content_topic": "recipes", "content_format": "article"} if n < 6 else {})
        for n in range(12)
    ),
    # 30 June, 190 seconds of attention; 1 July is too late.
    _event("view1", "2024-06-30T14:00:00Z", "product_view", **_FREQUENT, engaged_seconds="60"),
    _event("view2", "2024-06-30T14:01:00Z", "product_view", **_FREQUENT, engaged_seconds="60"),
    _event("view3", "2024-06-30T14:02:00Z", "product_view", **_FREQUENT, engaged_seconds="60"),
    _event("view4", "2024-06-30T14:03:00Z", "product_view", **_FREQUENT, engaged_seconds="10"),
    _event("cart1", "2024-06-30T14:04:00Z", "cart_add", **_FREQUENT),
    _event("late1", "2024-07-01T04:00:00Z", "product_view", **_FREQUENT),
    # 20 June: three films at home, then to the store.
    *(
        _event(f"film{n}", f"2024-06-20T18:0{n}:00Z", "content_view", **_ONCE, channel="web")
        | {"content_topic": "travel", "content_format": "video"}
        for n in range(3)
    ),
    _event("store1", "2024-06-20T18:09:00Z", "store_visit", **_ONCE, channel="app"),
    # A device that nobody is known by.
    _event("app1", "2024-06-29T10:00:00Z", "page_view", anonymous_id="d9", channel="app"),
]


def _message(message_id: str, occurred_at: str, event_name: str, **more: object) -> Row:
    return {
        "message_id": message_id,
        "occurred_at": occurred_at,
        "event_name": event_name,
        "campaign_id": "spring",
        "channel": "email",
        **more,
    }


_TO_FREQUENT = {"customer_id": "frequent"}
_TO_ONCE = {"customer_id": "once"}

MESSAGES = [
    # Opened by a machine at once, by a person at 07:00 in Tokyo, and clicked.
    _message("mail1", "2024-05-01T12:00:00Z", "sent", **_TO_FREQUENT),
    _message("mail1", "2024-05-01T12:00:05Z", "open", **_TO_FREQUENT, is_machine_open="true"),
    _message("mail1", "2024-05-01T22:00:00Z", "open", **_TO_FREQUENT),
    _message("mail1", "2024-05-01T22:30:00Z", "open", **_TO_FREQUENT),
    _message("mail1", "2024-05-01T22:31:00Z", "click", **_TO_FREQUENT),
    *(_message(f"mail{n}", f"2024-06-0{n}T12:00:00Z", "sent", **_TO_FREQUENT) for n in range(2, 6)),
    # Five mails, one of them back and one opened by a machine alone; five texts, all clicked at 9.
    *(_message(f"note{n}", f"2024-06-0{n}T12:00:00Z", "sent", **_TO_ONCE) for n in range(1, 6)),
    _message("note1", "2024-06-01T12:00:01Z", "bounce", **_TO_ONCE),
    _message("note2", "2024-06-02T12:00:01Z", "open", **_TO_ONCE, is_machine_open="true"),
    *(
        _message(f"text{n}", f"2024-06-0{n}T13:00:00Z", "click", **_TO_ONCE, channel="sms")
        for n in range(3, 8)
    ),
]

FEEDBACK = [
    {"feedback_id": "nps1", "kind": "nps", "submitted_at": "2024-07-01T03:59:59Z"}
    | {"customer_id": "part_refund", "score": "9"},
    {"feedback_id": "review1", "kind": "review", "submitted_at": "2024-06-01T12:00:00Z"}
    | {"customer_id": "full_refund", "score": "3", "score_max": "5"},
    {"feedback_id": "review2", "kind": "review", "submitted_at": "2024-07-01T04:00:00Z"}
    | {"customer_id": "euro", "score": "5", "score_max": "5"},
]
