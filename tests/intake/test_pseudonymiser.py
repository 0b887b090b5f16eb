"""Every value gets its own keyed hash, whatever is remembered of the values before it."""

import hashlib
import random

import numpy as np
import pyarrow as pa
import pytest

import orchestration.intake.identifiers.remembered_values as remembered_values
from orchestration.intake.identifiers.nobodies import Nobodies
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser
from tests.intake.landing_shop import KEY_BYTES, email_pseudonym, hmac_text

GUESTS = ("guest", "0")


def expected(kind, value, source):
    """The reference: one value at a time, with the standard library's HMAC."""
    if value is None or value.strip().lower() in ("", *GUESTS):
        return None
    if kind == "email":
        return email_pseudonym(value.strip().lower())
    if kind == "anonymous":
        return hmac_text(f"anonymous\x1f\x1f{value.strip()}")
    return hmac_text(f"{kind}\x1f{source}\x1f{value.strip()}")


def batch_of(rng, size):
    """Values of which some are new, many come again, and some name nobody."""
    ends = ["", "@x.org", "@EXAMPLE.com ", "é", "x" * 700]
    values = [f"{rng.randrange(400)}{rng.choice(ends)}" for _ in range(size)]
    for value in ("", " ", "Guest", "0", None, None):
        values[rng.randrange(size)] = value
    return values


def assert_as_by_reference(kind, batches=25):
    rng, pseudonymiser = random.Random(kind), Pseudonymiser(KEY_BYTES, Nobodies(GUESTS))
    pairs = set()
    for _ in range(batches):
        values = batch_of(rng, rng.choice([6, 60, 300]))
        made = pseudonymiser.replace(kind, pa.array(values), pa.repeat("web", len(values)))
        made.validate(full=True)
        assert made.to_pylist() == [expected(kind, value, "web") for value in values]
        pairs |= set(zip(values, made.to_pylist(), strict=True))
        known = pseudonymiser.fetch_pairs()
        assert all(pa.compute.is_valid(known["pseudonym"]).to_pylist())
        assert set(known["pseudonym"].to_pylist()) <= {text for _, text in pairs}


@pytest.mark.parametrize("kind", ["customer", "email", "anonymous"])
def test_pseudonyms_are_those_of_the_reference(kind):
    assert_as_by_reference(kind)


def test_a_full_memory_is_begun_anew(monkeypatch):
    monkeypatch.setattr(remembered_values, "_MAX_VALUES", 100)
    assert_as_by_reference("email")


def test_long_values_fill_a_memory_too(monkeypatch):
    monkeypatch.setattr(remembered_values, "_MAX_BYTES", 5_000)
    assert_as_by_reference("email")


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(remembered_values, "_MAX_VALUES", 1_000)
    pseudonymiser, most = Pseudonymiser(KEY_BYTES, Nobodies(())), 0
    for first in range(0, 20_000, 400):
        values = pa.array([str(number) for number in range(first, first + 400)])
        pseudonymiser.replace("anonymous", values, pa.repeat("web", 400))
        (memory,) = pseudonymiser._memories.values()
        most = max(most, memory._count)
    assert most == 1_200


@pytest.mark.parametrize("hash_count", [1, 3, 200])
def test_values_of_one_hash_are_told_apart(monkeypatch, hash_count):
    def few_hashes(self, values):
        texts = [str(value).encode() for value in values.to_pylist()]
        return np.array(
            [hashlib.md5(text).digest()[0] % hash_count for text in texts], dtype=np.uint64
        )

    monkeypatch.setattr(remembered_values.RememberedValues, "_hashes_of", few_hashes)
    assert_as_by_reference("customer")


def test_a_value_is_hashed_once_while_it_is_remembered():
    pseudonymiser = Pseudonymiser(KEY_BYTES, Nobodies(()))
    for count in (100, 3_000, 100, 20_000, 20_000):
        values = pa.array([f"c{number // 2}" for number in range(count)])
        pseudonymiser.replace("customer", values, pa.repeat("web", count))
    assert len(pseudonymiser.fetch_pairs()) == 10_000
