"""Neither the order of rows and files nor repeated delivery changes what is said of people."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.properties.random_shop import random_world
from tests.properties.world_build import File, World, build
from tests.properties.world_checks import READ_TABLES, facts, see_it_fail, seeds

# What a planted bug has to show in.
NARROW = ("rfm_segments", "data_quality_report", "rejected_records")


def with_rows_shuffled(world: World, chance: random.Random) -> World:
    files = [
        File(file.input_name, tuple(chance.sample(file.rows, len(file.rows))))
        for file in world.files
    ]
    return replace(world, files=tuple(files))


def with_files_cut_anew(world: World, chance: random.Random) -> World:
    """The same rows in other files, in another order."""
    files = []
    for input_name in sorted({file.input_name for file in world.files}):
        rows = world.rows(input_name)
        chance.shuffle(rows)
        count = chance.randint(1, 5)
        files += [File(input_name, tuple(rows[part::count])) for part in range(count)]
    chance.shuffle(files)
    return replace(world, files=tuple(files))


def with_rows_again(world: World, chance: random.Random) -> World:
    """A third of the rows a second time: in a file of theirs, or twice in the same one."""
    files = []
    for file in world.files:
        again = tuple(row for row in file.rows if chance.random() < 0.33)
        in_place = chance.random() < 0.5
        files.append(File(file.input_name, file.rows + again if in_place else file.rows))
    for file in world.files:
        again = tuple(row for row in file.rows if chance.random() < 0.33)
        files.append(File(file.input_name, again))
    return replace(world, files=tuple(files))


def check_row_order(strata, seed):
    world = random_world(seed)
    with build(strata, world) as built:
        expected = facts(built)
        quality = built.table("marts.data_quality_report")
    with build(strata, with_rows_shuffled(world, random.Random(seed))) as built:
        assert facts(built) == expected
        assert built.table("marts.data_quality_report") == quality


@pytest.mark.parametrize("seed", seeds(2))
def test_order_of_rows_in_a_file_changes_nothing(strata, seed):
    check_row_order(strata, seed)


@pytest.mark.parametrize("model", ["int_order_lines", "int_refunds"])
def test_a_tie_that_row_order_decides_is_seen(strata, model):
    broken = strata.up_to(*NARROW).with_bug(
        model, "arrival_seq desc, content_hash desc", "row_number"
    )
    see_it_fail(check_row_order, broken)


def check_file_order(strata, seed):
    world = random_world(seed, by_arrival=False)
    with build(strata, world) as built:
        expected = facts(built)
    with build(strata, with_files_cut_anew(world, random.Random(seed))) as built:
        assert facts(built) == expected


@pytest.mark.parametrize("seed", seeds(2))
def test_order_and_cut_of_files_change_nothing_where_contents_do_not_contradict(strata, seed):
    check_file_order(strata, seed)


def test_a_rule_that_goes_by_arrival_before_time_is_seen(strata):
    broken = strata.up_to(*NARROW).with_bug(
        "int_order_states",
        "case when is_known then version_at end desc",
        "arrival_seq desc",
    )
    see_it_fail(check_file_order, broken)


def check_repetition(strata, seed):
    world = random_world(seed)
    with build(strata, world) as built:
        expected = facts(built)
        rejected = set(
            built.rows(
                "select input_name, key_pseudonym, column_name, reason_code"
                " from marts.rejected_records"
            )
        )
    with build(strata, with_rows_again(world, random.Random(seed))) as built:
        assert facts(built) == expected
        assert rejected == set(
            built.rows(
                "select input_name, key_pseudonym, column_name, reason_code"
                " from marts.rejected_records"
            )
        )


@pytest.mark.parametrize("seed", seeds(2))
def test_rows_that_are_delivered_again_change_nothing(strata, seed):
    check_repetition(strata, seed)


@pytest.mark.parametrize("model", ["int_order_lines", "int_refunds"])
def test_a_copy_that_counts_as_newer_content_is_seen(strata, model):
    broken = strata.up_to(*NARROW).with_bug(
        model,
        "order by arrival_seq, file_name, row_number",
        "order by arrival_seq desc, file_name desc, row_number desc",
    )
    # The first of these worlds shows it for both; the others are for when worlds have changed.
    see_it_fail(check_repetition, broken, (3, *range(12)))


def check_empty_batch(strata, seed):
    world = random_world(seed)
    with build(strata, world) as built:
        expected = built.digest()
    for input_name in READ_TABLES:
        world = world.with_file(input_name, [])
    with build(strata, world) as built:
        assert built.digest() == expected


@pytest.mark.parametrize("seed", seeds(2))
def test_a_batch_of_nothing_changes_nothing(strata, seed):
    check_empty_batch(strata, seed)


def test_a_file_that_counts_as_a_row_is_seen(strata):
    broken = strata.up_to(*NARROW).with_bug(
        "int_input_row_counts", "sum(rejected_row_count)", "sum(rejected_row_count) + count(*)"
    )
    see_it_fail(check_empty_batch, broken)


def check_second_build(strata, seed):
    world = random_world(seed)
    with build(strata, world) as first, build(strata, world) as second:
        assert second.digest() == first.digest()


@pytest.mark.parametrize("seed", seeds(2))
def test_building_twice_gives_the_same_digests(strata, seed):
    check_second_build(strata, seed)


def test_a_random_number_is_seen(strata):
    broken = strata.with_bug("int_order_days", "sum(net_revenue)", "sum(net_revenue + random())")
    see_it_fail(check_second_build, broken)
