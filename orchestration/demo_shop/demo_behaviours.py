"""What each of the demo shop's people is like beyond buying: visits, reasons, attitude, contact.

Drawn person by person from streams of their own; what they then do is `visit_events`',
`path_events`' and `demo_messages`'. When they come and go follows from their orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import Concern, pick, stream
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

_DRAWS = 24
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Behaviours:
    """One place per person in every array; codes are indices into `behaviour_kinds`."""

    level: np.ndarray
    process: np.ndarray
    style: np.ndarray
    pattern: np.ndarray
    topic: np.ndarray
    content_format: np.ndarray
    motive: np.ndarray
    benefit: np.ndarray
    attitude: np.ndarray
    preferred_channel: np.ndarray
    has_consent: np.ndarray
    """Shape (people, 3): by message channel."""
    uniforms: np.ndarray
    """Shape (people, 24): what is left to decide, a column a decision."""

    @property
    def holdout_draw(self) -> np.ndarray:
        """What decides which campaigns hold a person out, in [0, 1)."""
        return self.uniforms[:, 14]


def draw_behaviours(seed: int, type_index: np.ndarray) -> Behaviours:
    """Draw how each person behaves.

    Args:
        seed: the shop's seed.
        type_index: of each person, into `TYPES`.
    """
    count = len(type_index)
    draw = np.empty((count, _DRAWS))
    for person in range(count):
        draw[person] = stream(seed, person + 1, Concern.BEHAVIOUR).random(_DRAWS)
    codes = [planted.code for planted in TYPES]
    level_shares = np.array([kinds.ENGAGEMENT_SHARES[code] for code in codes])
    process_shares = np.array(
        [kinds.PROCESS_SHARES.get(code, kinds.USUAL_PROCESS_SHARES) for code in codes]
    )
    attitude_shares = np.array(
        [kinds.ATTITUDE_SHARES.get(code, kinds.USUAL_ATTITUDE_SHARES) for code in codes]
    )
    process = _pick_by(process_shares, type_index, draw[:, 1])
    # A style goes with the process, but for those who don't buy, whose type decides.
    style_shares = np.array(
        [
            [
                kinds.PROSPECT_STYLE_SHARES.get(code, kinds.STYLE_SHARES[own_process])
                for own_process in kinds.PROCESSES
            ]
            for code in codes
        ]
    )
    return Behaviours(
        level=_pick_by(level_shares, type_index, draw[:, 0]),
        process=process,
        style=_pick_by(
            style_shares[:, :, :].reshape(-1, len(kinds.SESSION_STYLES)),
            type_index * len(kinds.PROCESSES) + process,
            draw[:, 2],
        ),
        pattern=pick(np.array(kinds.PATTERN_SHARES), draw[:, 3]),
        topic=_even(kinds.TOPICS, draw[:, 4]),
        content_format=_even(kinds.FORMATS, draw[:, 5]),
        motive=_even(kinds.MOTIVES, draw[:, 6]),
        benefit=_even(kinds.BENEFITS, draw[:, 7]),
        attitude=_pick_by(attitude_shares, type_index, draw[:, 8]),
        preferred_channel=pick(np.array(kinds.PREFERRED_CHANNEL_SHARES), draw[:, 9]),
        has_consent=draw[:, 10:13] < np.array(kinds.CONSENT_SHARES),
        uniforms=draw,
    )


def behaviour_table(behaviours: Behaviours, people: pa.Table) -> pa.Table:
    """One row per person, to shape visits, messages and the truth from.

    Args:
        behaviours: what was drawn.
        people: by person and in their order: `person_number`, `planted_type`, `person_kind`,
            `signed_up_seconds`, `first_order_seconds` and `last_order_seconds` (-1: none),
            `is_active`.
    """
    draw = behaviours.uniforms
    kind = np.array(people["person_kind"].to_pylist(), dtype=object)
    signed_up = people["signed_up_seconds"].to_numpy()
    first, last = (
        people[name].to_numpy() for name in ("first_order_seconds", "last_order_seconds")
    )
    has_account, has_orders = kind == "account", first >= 0
    is_active = people["is_active"].to_numpy(zero_copy_only=False)
    # A buyer looks around for some weeks before the first order, and for some after the last.
    from_seconds = np.where(
        has_orders, np.minimum(first + np.log1p(-draw[:, 15]) * 20 * _DAY, signed_up), signed_up
    )
    stays = np.where(has_orders, 60 * _DAY, 30 * _DAY) - np.log1p(-draw[:, 16]) * 90 * _DAY
    until_seconds = np.where(has_orders, last, signed_up) + stays
    is_late_starter = np.array(people["planted_type"].to_pylist(), object) == "late_starter"
    goes_on = is_active | (is_late_starter & ~has_orders)
    until_seconds = np.where(goes_on, HISTORY_SECONDS, until_seconds)
    in_pairs = np.arange(len(kind)) > 0
    in_pairs[1:] &= has_account[:-1]
    shares_device = has_account & in_pairs & (draw[:, 17] < kinds.SHARED_DEVICE_SHARE)
    rates = np.array(list(kinds.ENGAGEMENT_LEVELS.values()))
    withdraws = draw[:, 18] < kinds.WITHDRAWN_SHARE
    answers = np.array([planted.answers_campaigns for planted in TYPES])
    codes = {planted.code: index for index, planted in enumerate(TYPES)}
    type_index = np.array([codes[code] for code in people["planted_type"].to_pylist()])
    withdraws &= ~answers[type_index]
    withdrawn = signed_up + draw[:, 19] * (HISTORY_SECONDS - signed_up)
    consents = behaviours.has_consent & has_account[:, None]
    number = people["person_number"].to_numpy()
    return pa.table(
        {
            "person_number": number,
            "engagement_level": _names(tuple(kinds.ENGAGEMENT_LEVELS), behaviours.level),
            "visits_a_day": rates[behaviours.level],
            "purchase_process": _names(kinds.PROCESSES, behaviours.process),
            "session_style": _names(kinds.SESSION_STYLES, behaviours.style),
            "visit_pattern": _names(tuple(kinds.VISIT_PATTERNS), behaviours.pattern),
            "content_topic": _names(kinds.TOPICS, behaviours.topic),
            "content_format": _names(kinds.FORMATS, behaviours.content_format),
            "motive": _names(kinds.MOTIVES, behaviours.motive),
            "benefit": _names(kinds.BENEFITS, behaviours.benefit),
            "attitude": _names(kinds.ATTITUDES, behaviours.attitude),
            "preferred_channel": _names(kinds.MESSAGE_CHANNELS, behaviours.preferred_channel),
            "takes_email": consents[:, 0],
            "takes_push": consents[:, 1],
            "takes_sms": consents[:, 2],
            "holdout_draw": behaviours.holdout_draw,
            "visits_from_seconds": np.floor(from_seconds).astype(np.int64),
            "visits_until_seconds": np.floor(until_seconds).astype(np.int64),
            "withdrawn_seconds": pa.array(withdrawn.astype(np.int64), mask=~withdraws),
            "device_count": 1 + pick(np.array(kinds.DEVICE_SHARES), draw[:, 20]),
            # Whose first device it is: one's own, or the one of the person before.
            "first_device_of": np.where(shares_device, number - 1, number),
            "uses_app": draw[:, 21] < 0.35,
            "sign_in_share": np.where(has_account, 0.15 + 0.8 * draw[:, 22], 0.0),
            "reading_hour": np.array(kinds.SEND_HOURS)[_even(kinds.SEND_HOURS, draw[:, 23])],
            "has_privacy_proxy": draw[:, 13] < kinds.PRIVACY_PROXY_SHARE,
        }
    )


def _names(options: tuple[str, ...], index: np.ndarray) -> list[str]:
    return np.array(options, dtype=object)[index].tolist()


def _even(options: tuple[object, ...], uniforms: np.ndarray) -> np.ndarray:
    return (uniforms * len(options)).astype(np.int64)


def _pick_by(shares: np.ndarray, row: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """The place that each uniform number falls into among the shares of its row.

    Args:
        shares: shape (rows, k), each row with a sum of 1.
        row: of each number.
        uniforms: in [0, 1).
    """
    edges = np.cumsum(shares, axis=1)[row]
    return np.minimum((edges <= uniforms[:, None]).sum(axis=1), shares.shape[1] - 1)
