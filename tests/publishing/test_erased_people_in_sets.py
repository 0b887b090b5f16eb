"""An erasure reaches the sets that were published before it."""

from orchestration.publishing.publish_set import publish_latest, rollback
from orchestration.publishing.set_ledger import list_sets
from tests.publishing.sample_marts import names_in, publish_day, shown


def files(home):
    return [name.removesuffix(".duckdb") for name in names_in(home.sets)]


def test_sets_built_before_an_erasure_go_when_the_next_one_is_published(home):
    for day in (1, 2):
        publish_day(home, day)
    after = publish_day(home, 3, erased_identifier_count=2)

    assert files(home) == [after.set_id]
    assert [each.set_id for each in list_sets(home)] == [after.set_id]


def test_sets_built_after_the_last_erasure_stay(home):
    publish_day(home, 1)
    second = publish_day(home, 2, erased_identifier_count=2)
    third = publish_day(home, 3, erased_identifier_count=2)

    assert files(home) == sorted([second.set_id, third.set_id])


def test_the_set_that_a_rollback_shows_stays_until_the_rollback_ends(home):
    first = publish_day(home, 1)
    second = publish_day(home, 2)
    rollback(home)
    third = publish_day(home, 3, erased_identifier_count=1)
    assert shown(home)[0] == first.set_id
    assert second.set_id not in files(home)

    publish_latest(home)

    assert shown(home)[0] == third.set_id
    assert files(home) == [third.set_id]
