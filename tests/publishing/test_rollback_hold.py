"""Going back to an earlier set holds until the newest is published on purpose."""

import pytest

from orchestration.errors import StrataError
from orchestration.publishing.publish_set import publish_latest, rollback
from orchestration.publishing.publish_status import status
from orchestration.publishing.run_ledger import present_days
from orchestration.publishing.set_ledger import current_hold
from tests.publishing.sample_marts import key, names_in, publish_day, shown


@pytest.fixture
def three_sets(home):
    return [publish_day(home, day=day).set_id for day in (1, 2, 3)]


def test_a_rollback_goes_to_the_set_before_and_further_when_repeated(home, three_sets):
    assert rollback(home) == three_sets[1]
    assert shown(home)[0] == three_sets[1]
    assert rollback(home) == three_sets[0]
    assert shown(home)[0] == three_sets[0]


def test_a_rollback_goes_to_the_named_set(home, three_sets):
    assert rollback(home, three_sets[0]) == three_sets[0]
    assert shown(home)[0] == three_sets[0]


def test_runs_after_a_rollback_keep_their_set_but_readers_stay(home, three_sets):
    rollback(home)
    published = publish_day(home, day=4)

    assert (published.is_new, published.is_shown) == (True, False)
    assert shown(home)[0] == three_sets[1]
    assert published.path.is_file()
    assert key(4).as_of_date in present_days(home)
    assert status(home).hold.set_id == three_sets[1]


def test_publishing_the_latest_releases_the_hold(home, three_sets):
    rollback(home)
    fourth = publish_day(home, day=4).set_id

    assert publish_latest(home) == fourth
    assert shown(home)[0] == fourth
    assert current_hold(home) is None
    assert publish_day(home, day=5).is_shown


def test_pruning_never_takes_the_set_that_a_rollback_shows(home, three_sets):
    rollback(home, three_sets[0])
    later = [publish_day(home, day=day, keep_sets=2).set_id for day in (4, 5, 6)]

    assert names_in(home.sets) == sorted(
        f"{set_id}.duckdb" for set_id in [three_sets[0], later[1], later[2]]
    )
    assert shown(home)[0] == three_sets[0]


def test_after_a_rollback_the_same_key_does_not_move_readers(home, three_sets):
    rollback(home)

    again = publish_day(home, day=3)

    assert (again.is_new, again.is_shown) == (False, False)
    assert shown(home)[0] == three_sets[1]


def test_an_unknown_set_is_refused_with_the_kept_ones_named(home, three_sets):
    with pytest.raises(StrataError, match=f"no kept set nonsense; kept are {three_sets[2]}"):
        rollback(home, "nonsense")
    assert shown(home)[0] == three_sets[2]
    assert current_hold(home) is None


def test_a_damaged_set_is_not_rolled_back_to(home, three_sets):
    home.set_file(three_sets[1]).write_bytes(b"no database")

    with pytest.raises(StrataError, match=f"{three_sets[1]}.duckdb can't be read"):
        rollback(home)
    assert shown(home)[0] == three_sets[2]
    assert current_hold(home) is None


def test_there_is_nothing_before_the_first_set(home):
    publish_day(home, day=1)

    with pytest.raises(StrataError, match="no earlier set is kept"):
        rollback(home)


def test_publishing_the_latest_needs_a_set(home):
    with pytest.raises(StrataError, match="nothing to publish: no set has been made yet"):
        publish_latest(home)
