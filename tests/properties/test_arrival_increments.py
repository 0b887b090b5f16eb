"""Arrival tables: however deliveries are split, built bit by bit they are what one build makes."""

from __future__ import annotations

import shutil

import pytest

from orchestration.paths import Project
from tests.properties.arrival_tables import ARRIVAL_TABLES, arrival_tables
from tests.properties.arrival_worlds import random_batches

SEEDS = [1, 2]
MORE_SEEDS = range(3, 23)


def built_bit_by_bit(tables, seed, batches=4):
    """Build after each batch, keep that as `increments`, then make all anew."""
    first, *later = random_batches(seed, batches=batches)
    tables.take(first)
    tables.refresh()
    for batch in later:
        tables.take(batch)
        tables.build()
    tables.keep_as("increments")


@pytest.mark.parametrize(
    "seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.long) for seed in MORE_SEEDS)]
)
def test_increments_make_what_a_full_refresh_makes(tmp_path, seed):
    with arrival_tables(tmp_path, Project.here()) as tables:
        built_bit_by_bit(tables, seed)
        tables.build()
        assert tables.differences("increments") == {}, "nothing new changed something"
        tables.refresh()
        assert tables.differences("increments") == {}
        counts = {
            table: tables.dbt.rows(f"select count(*) from intermediate.{table}")[0][0]
            for table in ARRIVAL_TABLES
        }
        assert min(counts.values()) > 30, counts
