"""Whether a new set is plausible beside the published one, by how many people it holds."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.publishing.set_file import row_counts
from orchestration.runs.as_of_run import AsOfRun


@dataclass(frozen=True, slots=True)
class Volume:
    """People in the built set and in the published one."""

    people: int
    published_people: int
    is_plausible: bool
    told: str


def compare_volume(run: AsOfRun) -> Volume:
    """Compare what was built with what is published.

    A day that isn't going to be published, and the first one, are plausible whatever they hold.
    """
    schema = run.schema("marts")
    people = int(
        run.warehouse.read_arrow(f"select count(*) as people from {schema}.customer_360")
        .column("people")[0]
        .as_py()
    )
    if run.is_past_day or not run.home.published_db.exists():
        return Volume(people, people, True, f"{people:,} people; nothing to compare with")
    published = row_counts(run.home.published_db.resolve()).get("customer_360", 0)
    limit = run.configuration.settings.max_population_drop_share
    is_plausible = people >= published * (1 - limit)
    told = f"{people:,} people, {published:,} in the published set"
    if not is_plausible:
        told += (
            f": fewer by more than max_population_drop_share {limit};"
            " find the missing delivery, or run again with --accept-volume-change"
        )
    return Volume(people, published, is_plausible, told)
