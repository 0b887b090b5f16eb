"""No group of few people is shown, nor one whose size could be worked out from the others."""

import duckdb
import pytest

from orchestration.reporting.published_reader import PublishedReader


@pytest.fixture
def reader():
    with duckdb.connect() as connection:
        yield PublishedReader(connection, "set", None, "USD", smallest_group=5)


def shown(reader, cells, within=""):
    values = ", ".join(f"('{day}', '{name}', {people})" for day, name, people in cells)
    groups = reader.groups(
        f"select * from (values {values}) as cells(day, name, people)", "day, name", within
    )
    return [row["name"] for row in groups.rows], groups.left_out


@pytest.mark.parametrize(
    ("sizes", "names", "left_out"),
    [
        ([5, 6], ["a", "b"], 0),
        # Four alone could be worked out from the sum: the next group goes with it.
        ([4, 6, 7], ["c"], 2),
        ([2, 3, 6], ["c"], 2),
        ([2, 2, 6, 7], ["d"], 3),
        ([0, 5, 6], ["b", "c"], 0),
        ([4], [], 1),
    ],
)
def test_what_is_left_out_is_together_a_group_of_the_smallest_size(reader, sizes, names, left_out):
    cells = [("d1", name, people) for name, people in zip("abcd", sizes, strict=False)]
    assert shown(reader, cells) == (names, left_out)


def test_each_day_is_a_whole_of_its_own(reader):
    cells = [("d1", "a", 3), ("d1", "b", 9), ("d2", "c", 8), ("d2", "d", 9)]
    assert shown(reader, cells, within="day") == (["c", "d"], 2)
    assert shown(reader, cells) == (["b", "d"], 2)
