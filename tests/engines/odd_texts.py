"""Texts that engines might read differently: as an instant, an amount, a flag or a code.

Each in a row of its own, so that a row shows which text it was.
"""

from __future__ import annotations

INSTANTS = [
    "2024-03-10",
    "2024-03-10 12:30",
    "2024-03-10T12:30",
    "2024-03-10 12:30:15",
    "2024-03-10T12:30:15.5",
    "2024-03-10T12:30:15.123456",
    "2024-03-10T12:30:15.1234564",
    "2024-03-10T12:30:15.1234565",
    "2024-03-10T12:30:15.123456999",
    "2024-03-10T12:30:15.1234567891",
    "2024-03-10T12:30:15.",
    "2024-03-10T12:30:15Z",
    "2024-03-10T12:30:15z",
    "2024-03-10t12:30:15Z",
    "2024-03-10T12:30Z",
    "2024-03-10T12:30:15 Z",
    "2024-03-10 12:30:15+00",
    "2024-03-10 12:30:15+05",
    "2024-03-10 12:30:15+0530",
    "2024-03-10 12:30:15+05:30",
    "2024-03-10 12:30:15 +05:30",
    "2024-03-10 12:30:15 -08:00",
    "2024-03-10T12:30-08:00",
    "2024-03-10 12:30:15.25-03:30",
    "2024-03-10 12:30:15-00:00",
    "2024-03-10 12:30:15+14:00",
    "2024-03-10 12:30:15+18:00",
    "2024-03-10 12:30:15+18:01",
    "2024-03-10 12:30:15+23:59",
    "2024-03-10 12:30:15+99:99",
    "2024-03-10 12:30:15+05:60",
    "2024-03-10 12:30:15 UTC",
    "2024-03-10 12:30:15 America/New_York",
    "2024-02-29 00:00:00",
    "2023-02-29 00:00:00",
    "2024-02-30",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "2024-03-10 24:00:00",
    "2024-03-10 25:00:00",
    "2024-03-10 23:60:00",
    "2024-03-10 23:59:60",
    "2024-03-10 23:59:60Z",
    "2024-03-10 23:59:59.999999",
    "2024-03-10 23:59:59.9999999",
    "0000-01-01",
    "0001-01-01",
    "1582-10-10",
    "1969-12-31T23:59:59.999999Z",
    "1989-12-31T23:59:59.999999Z",
    "9999-12-31 23:59:59",
    "9999-12-31T23:59:59-14:00",
    " 2024-03-10 12:30:15 ",
    "2024-03-10\n",
    "\t2024-03-10",
    "24-03-10",
    "2024-3-10",
    "2024-W10-7",
    "20240310",
    "10/03/2024",
    "1710073815",
    "now",
    "infinity",
    "epoch",
    "today",
    "٢٠٢٤-03-10",
]

AMOUNTS = [
    "10",
    "10.",
    ".5",
    "-0",
    "+5",
    "+.5",
    "-0.00",
    "1e2",
    "1E2",
    "1e+2",
    "1e-2",
    "12345e-4",
    "12345e-6",
    "1e12",
    "1e99",
    "1e100",
    "1.5e3",
    "0.00005",
    "0.00004999",
    "10.12345",
    "10.12344",
    "10.1234500",
    "10.1234000",
    "0.1250",
    "999999999999.9999",
    "1000000000000",
    "99999999999999.9999",
    "99999999999999.99995",
    "100000000000000",
    "123456789012345678901234567890",
    "00012.50",
    "1,000.00",
    "1.000,00",
    "1_000",
    "$10",
    "10 USD",
    "1 0",
    " 10 ",
    "10\n",
    "NaN",
    "Infinity",
    "-inf",
    "0x10",
    "1d",
    "1f",
    "10L",
    "",
    "  ",
    "null",
    "١٠",
]

FLAGS = ["true", "TRUE", "True ", "t", "T", "yes", "Y", "1", "0", "f", "no", "N", "False", "on", ""]
FLAGS += ["2", "1.0", "ja", " ", "tru\n"]

# Without a sharp s: its upper case is one letter here and two there.
CODES = ["usd", " USD ", "ıss", "US D", "USD\n", "ＵＳＤ", "eur", "Eur", "GBP", "usdollar"]

PATHS = ["/a?b=c", "/a#b", "/a?b#c?d", "/a#b?c#d", "?", "#", "/", "a??b", "/ä?x", "/a|b.c*d\\e?f"]
PATHS += ["web:/a?b", " /a ? b ", "/a\nb?c", "", "/[a](b)?", "/a%3Fb"]

COUNTS = ["0", "7", "007", "-1", "+1", "1.0", "1e3", "999999999999999", "9999999999999999", " 5 "]
COUNTS += ["5\n", "٣", "", "x"]

ZONES = ["Europe/London", "europe/london", " Asia/Tokyo ", "EST", "EST5EDT", "GMT+5", "UTC+05:00"]
ZONES += ["Etc/GMT+5", "Mars/Olympus", "", "+05:00", "US/Pacific", "America/New York", "Z"]

IDS = ["a'b", 'a"b', "a\\b", "a|b", "a\nb", "ä", "日本", "🙂🙂", "a%b", " a ", "é"]


def _order(number: int, **told: str) -> dict[str, str]:
    return {
        "order_id": f"odd-{number}",
        "customer_id": f"odd-{number % 7}",
        "ordered_at": "2024-03-10T12:30:15Z",
        "status": "paid",
        "currency": "USD",
        "total_amount": "10.00",
    } | told


_TOLD: list[dict[str, str]] = [
    *({"ordered_at": text} for text in INSTANTS),
    *({"updated_at": text} for text in INSTANTS),
    *({"total_amount": text} for text in AMOUNTS),
    *({"discount_amount": text} for text in AMOUNTS),
    *({"is_test": text} for text in FLAGS),
    *({"taxes_included": text, "tax_amount": "1.6667"} for text in FLAGS),
    *({"currency": text} for text in CODES),
    *({"status": text} for text in ("Paid", " PAID ", "pa\u00efd", "refunded", "voided", "failed")),
    *({"order_id": text, "customer_id": text} for text in IDS),
]

ODD_ORDERS = [_order(number, **told) for number, told in enumerate(_TOLD)]

_EVENTS_TOLD: list[dict[str, str]] = [
    *({"page_path": text} for text in PATHS),
    *({"result_count": text, "event_name": "search"} for text in COUNTS),
    *({"engaged_seconds": text} for text in AMOUNTS),
    *({"occurred_at": text, "received_at": "2026-05-20T08:00:00.5Z"} for text in INSTANTS),
    *({"received_at": text} for text in INSTANTS),
    *({"is_bot": text} for text in FLAGS),
    *({"event_id": text, "session_id": text, "user_agent": text} for text in IDS),
    # Around midnight in New York, and where a clock is just, or just not, too far away.
    *({"occurred_at": f"2026-05-20T0{hour}:59:59.999999Z"} for hour in range(3, 6)),
    *({"occurred_at": f"2026-05-20T0{hour}:00:00.000001Z"} for hour in range(3, 6)),
    *(
        {"occurred_at": "2026-05-20T08:00:00.000001Z", "received_at": text}
        for text in (
            "2026-05-20T07:55:00.000000Z",
            "2026-05-20T07:55:00.000001Z",
            "2026-05-20T07:55:00.000002Z",
            "2026-05-27T08:00:00.000000Z",
            "2026-05-27T08:00:00.000001Z",
            "2026-05-27T08:00:00.000002Z",
        )
    ),
]

ODD_EVENTS = [
    {
        "event_id": f"odd-{number}",
        "occurred_at": "2026-05-20T08:00:00Z",
        "event_name": "page_view",
        "customer_id": f"odd-{number % 7}",
        "loaded_at": "2026-06-01T00:00:00Z",
    }
    | told
    for number, told in enumerate(_EVENTS_TOLD)
]

ODD_CUSTOMERS = [
    {"customer_id": f"odd-{number}", "timezone": text} for number, text in enumerate(ZONES)
]

# Products of quantity and price that end in a five at the place that is rounded.
ODD_ITEMS = [
    {
        "order_item_id": f"odd-{number}",
        "order_id": f"odd-{number}",
        "product_id": "odd",
        "quantity": quantity,
        "unit_price": price,
    }
    for number, (quantity, price) in enumerate(
        [
            ("0.5", "0.0001"),
            ("1.5", "0.0001"),
            ("0.0001", "0.5"),
            ("3", "0.3333"),
            ("-1", "5"),
            ("1", "-5"),
            ("999999", "999999.9999"),
            ("1000000", "1000000"),
            ("99999999999999.9999", "99999999999999.9999"),
            *((amount, "1.0001") for amount in AMOUNTS),
        ]
    )
]
