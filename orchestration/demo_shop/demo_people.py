"""The demo shop's people: planted type, parameters, account or guest, place, name, sign-up.

Their orders belong in `demo_purchases`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo_shop.demo_exchange_rates import MAIN_CURRENCY, SECOND_CURRENCY
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import Concern, pick, stream
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

ACCOUNT, GUEST_WITH_EMAIL, GUEST_WITHOUT_EMAIL, VISITOR = 0, 1, 2, 3
KINDS = ("account", "guest_with_email", "guest_without_email", "visitor")

# fmt: off
_FIRST_NAMES = (
    "ada", "alice", "amir", "anna", "ben", "carla", "chen", "daan", "diego", "elena", "emeka",
    "eva", "fatima", "felix", "freya", "hana", "hugo", "ines", "ivan", "jack", "jana", "jonas",
    "julia", "kofi", "lars", "leila", "liam", "lucia", "mara", "maria", "mateo", "maya", "mia",
    "milan", "nadia", "nina", "noah", "nora", "olga", "omar", "oscar", "paul", "petra", "priya",
    "rosa", "ruth", "sam", "sara", "sofia", "tariq", "theo", "tom", "uma", "vera", "wei",
    "yara", "zoe",
)
_LAST_NAMES = (
    "adams", "ahmed", "baker", "bauer", "berg", "bianchi", "brown", "carter", "costa", "cruz",
    "davis", "dubois", "eriksen", "evans", "fischer", "garcia", "gruber", "haas", "hansen",
    "hill", "ito", "jansen", "kim", "klein", "kowalski", "lopez", "maier", "martin", "meyer",
    "mills", "morris", "moreau", "murphy", "nguyen", "novak", "ortiz", "patel", "perez",
    "petrov", "reed", "rivera", "rossi", "ruiz", "santos", "sato", "schmidt", "silva", "singh",
    "smith", "tanaka", "torres", "turner", "vega", "vogel", "weber", "wilson", "wood", "young",
    "zhang", "ziegler",
)
# fmt: on
# (country, region, city, time zone, share). Names with accents and an apostrophe are meant.
_PLACES = (
    ("US", "NY", "New York", "America/New_York", 0.16),
    ("US", "CA", "Los Angeles", "America/Los_Angeles", 0.15),
    ("US", "IL", "Chicago", "America/Chicago", 0.12),
    ("US", "MO", "O'Fallon", "America/Chicago", 0.04),
    ("US", "TX", "Austin", "America/Chicago", 0.11),
    ("US", "CO", "Denver", "America/Denver", 0.07),
    ("US", "PR", "Mayagüez", "America/Puerto_Rico", 0.03),
    ("DE", "Bayern", "München", "Europe/Berlin", 0.11),
    ("FR", "Île-de-France", "Saint-Maur-des-Fossés", "Europe/Paris", 0.08),
    ("IE", "Leinster", "Dublin", "Europe/Dublin", 0.07),
    ("ES", "Andalucía", "Málaga", "Europe/Madrid", 0.06),
)
_CHANNELS = (
    ("organic_search", 0.3),
    ("paid_search", 0.2),
    ("social", 0.2),
    ("referral", 0.1),
    ("email", 0.05),
    ("direct", 0.15),
)
_ACCOUNT_TYPES = (
    ("consumer", 0.968),
    ("business", 0.02),
    ("staff", 0.006),
    ("reseller", 0.004),
    ("test", 0.002),
)
_GENDERS = (("female", 0.45), ("male", 0.4), (None, 0.15))
_LEAST_BIRTH_YEAR, _BIRTH_YEARS = 1945, 62
_MEMBER_SHARE = 0.25
# Of whom one in fifty buys for it.
_PEOPLE_A_COMPANY = 250


@dataclass(frozen=True, slots=True)
class People:
    """One place per person in every array, shape (people,); person n stands at n - 1."""

    type_index: np.ndarray
    kind: np.ndarray
    place: np.ndarray
    orders_per_day: np.ndarray
    """Planted rate per day of average demand; 0 where the type has no second order."""
    dropout_probability: np.ndarray
    mean_spend: np.ndarray
    """Planted mean order value, US dollars; 0 for prospects."""
    uniforms: np.ndarray
    """Shape (people, 16): what is left to decide, a column a decision."""

    @property
    def pays_in_euro(self) -> np.ndarray:
        """Whether each person lives where the shop charges euros."""
        return np.array([place[0] != "US" for place in _PLACES])[self.place]

    @property
    def currency(self) -> np.ndarray:
        """The currency that each person is charged in."""
        return np.where(self.pays_in_euro, SECOND_CURRENCY, MAIN_CURRENCY)


def draw_people(seed: int, customer_count: int) -> People:
    """Types, parameters and decisions of `customer_count` people, each from its own stream."""
    shares = np.array([planted.share for planted in TYPES])
    uniforms = np.empty((customer_count, 16))
    rate, dropout, mean_spend = (np.zeros(customer_count) for _ in range(3))
    type_index = np.empty(customer_count, dtype=np.int64)
    for person in range(customer_count):
        random = stream(seed, person + 1, Concern.PERSON)
        uniforms[person] = random.random(16)
        type_index[person] = pick(shares, uniforms[person, 0])
        planted = TYPES[type_index[person]]
        if planted.repeat is not None:
            rate[person] = random.gamma(planted.repeat.r, 1 / planted.repeat.alpha)
            dropout[person] = random.beta(planted.repeat.a, planted.repeat.b)
        if planted.spending is not None:
            nu = random.gamma(planted.spending.q, 1 / planted.spending.gamma)
            mean_spend[person] = planted.spending.p / nu
    guest_share = np.array([planted.guest_share for planted in TYPES])[type_index]
    has_identity = np.array([planted.has_identity for planted in TYPES])[type_index]
    has_account = np.array([planted.has_account for planted in TYPES])[type_index]
    kind = np.where(uniforms[:, 1] < guest_share, GUEST_WITH_EMAIL, ACCOUNT)
    kind = np.where(has_identity, kind, GUEST_WITHOUT_EMAIL)
    return People(
        type_index=type_index,
        kind=np.where(has_account, kind, VISITOR),
        place=pick(np.array([place[4] for place in _PLACES]), uniforms[:, 2]),
        orders_per_day=rate,
        dropout_probability=dropout,
        mean_spend=mean_spend,
        uniforms=uniforms,
    )


def people_table(
    people: People, first_order_seconds: np.ndarray, arrival_seconds: np.ndarray
) -> pa.Table:
    """One row per person, typed, to shape `customers` and the truth from.

    Args:
        people: the planted people.
        first_order_seconds: seconds from the first day's start to each one's first order, -1
            where there is none. Accounts are opened up to some days before it.
        arrival_seconds: of sign-ups well before the first order, -1 elsewhere.
    """
    count = len(people.kind)
    number = np.arange(1, count + 1)
    draw = people.uniforms
    lead_seconds = np.floor(-np.log1p(-draw[:, 3]) * 2 * 86_400).astype(np.int64)
    signed_up = np.where(
        first_order_seconds >= 0,
        first_order_seconds - lead_seconds,
        np.floor(draw[:, 3] * HISTORY_SECONDS).astype(np.int64),
    )
    signed_up = np.where(arrival_seconds >= 0, arrival_seconds, signed_up)
    channel = _choose(_CHANNELS, draw[:, 4])
    account_type = _choose(_ACCOUNT_TYPES, draw[:, 13])
    referrer = np.floor(draw[:, 5] * (number - 1)).astype(np.int64) + 1
    was_referred = (channel == "referral") & (number > 1)
    was_referred &= people.kind[np.minimum(referrer, count) - 1] == ACCOUNT
    first_names = np.array(_FIRST_NAMES)[(draw[:, 6] * len(_FIRST_NAMES)).astype(np.int64)]
    last_names = np.array(_LAST_NAMES)[(draw[:, 7] * len(_LAST_NAMES)).astype(np.int64)]
    mail_hosts = np.where(draw[:, 8] < 0.7, "example.com", "example.org")
    places = [_PLACES[place] for place in people.place]
    return pa.table(
        {
            "person_number": number,
            "planted_type": [TYPES[index].code for index in people.type_index],
            "person_kind": [KINDS[kind] for kind in people.kind],
            # The number keeps two people of one name apart.
            "email": [
                f"{first}.{last}{own}@{host}"
                for first, last, own, host in zip(
                    first_names, last_names, number, mail_hosts, strict=True
                )
            ],
            "signed_up_seconds": signed_up,
            "birth_year": pa.array(
                _LEAST_BIRTH_YEAR + np.floor(draw[:, 9] * _BIRTH_YEARS).astype(np.int64),
                mask=draw[:, 10] < 0.25,
            ),
            "birth_day_of_year": np.floor(draw[:, 11] * 365).astype(np.int64),
            "gender": pa.array(_choose(_GENDERS, draw[:, 12]).tolist(), pa.string()),
            "country_code": [place[0] for place in places],
            "region": [place[1] for place in places],
            "city": [place[2] for place in places],
            "timezone": [place[3] for place in places],
            "account_type": account_type.tolist(),
            "account_number": pa.array(
                1 + (number - 1) // _PEOPLE_A_COMPANY, mask=account_type != "business"
            ),
            "acquisition_channel": channel.tolist(),
            "referrer_number": pa.array(referrer, mask=~was_referred),
            "joined_loyalty_after_seconds": pa.array(
                np.floor(draw[:, 15] * 90 * 86_400).astype(np.int64),
                mask=draw[:, 14] >= _MEMBER_SHARE,
            ),
            "orders_per_demand_day": people.orders_per_day,
            "dropout_probability": people.dropout_probability,
            "mean_spend_usd": people.mean_spend,
        }
    )


def _choose(options: tuple[tuple[str | None, float], ...], uniforms: np.ndarray) -> np.ndarray:
    names = np.array([name for name, _ in options], dtype=object)
    return names[pick(np.array([share for _, share in options]), uniforms)]
