"""What doesn't fit into memory is written to the scratch folder, and the build goes on."""

from __future__ import annotations

import pytest
from dbt_in_process import DbtProject

# Needs more than the memory that it gets.
_SORTED = """
    select max(place) as places
    from (
        select row_number() over (order by md5(number::varchar)) as place
        from range(4000000) as numbers (number)
    ) as sorted
"""


def test_a_build_that_spilled_opens_further_connections(
    dbt_project: DbtProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRATA_MEMORY_LIMIT", "80MB")
    with dbt_project.connect():
        pass  # dbt opens the file anew, with the memory it gets now
    for statement in (_SORTED, "select 1"):
        shown = dbt_project.invoke("show", "--inline", statement)
        assert shown.success, shown.exception
    with dbt_project.connect():
        pass
