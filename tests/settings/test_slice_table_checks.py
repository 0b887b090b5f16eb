"""Rules of engagement and loyalty that make no sense are refused before a run, in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Project
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import load_configuration

TABLES = load_configuration(Project.here()).tables


def replace(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def with_row(row: str) -> Callable[[str], str]:
    return lambda text: f"{text}{row}\n"


WEIGHTS, TIERS, BANDS = "engagement_event_weights.csv", "engagement_tiers.csv", "usage_bands.csv"
SLOTS, STEPS, QUADRANTS = "visit_pattern_slots.csv", "loyalty_cutoffs.csv", "loyalty_quadrants.csv"
COMPONENTS = "loyalty_components.csv"


@pytest.mark.parametrize(
    ("name", "edit", "told"),
    [
        (WEIGHTS, replace("search,*,1,", "search,*,one,"), "weight is no number"),
        (WEIGHTS, replace("search,*,1,", "search,*,-1,"), "weight must be from 0 to 10000"),
        (WEIGHTS, replace("search,*,1,5", "search,*,1,0"), "daily_cap must be from 1 up"),
        (WEIGHTS, replace("search,*,1,5", "search,*,1,5.5"), "daily_cap must be a whole number"),
        (WEIGHTS, replace("search,*", "search,web"), "'search' has no row for any channel"),
        (WEIGHTS, with_row("search,*,1,5,true"), "search * is there already"),
        (WEIGHTS, replace("search,*,1,5,true", "search,*,1,5,yes"), "unknown is_usage 'yes'"),
        (TIERS, replace("none,0", "none,0.5"), "the first lower_bound must be 0"),
        (TIERS, replace("high,60", "high,15"), "must be above that of 'medium'"),
        (TIERS, replace("high,", "hihg,"), "'hihg' is no brand_engagement"),
        (TIERS, replace("low,0.0001\n", ""), "no row for 'low' of segment_definitions.csv"),
        (BANDS, replace("light,0.5", "light,1"), "and below 1"),
        (BANDS, replace("heavy", "medium"), "band_code 'medium' is there already"),
        ("usage_trends.csv", replace("falling,0", "falling,0.1"), "first lower_bound must be 0"),
        ("dayparts.csv", replace("night,0", "night,1"), "the first lower_bound must be 0"),
        ("dayparts.csv", replace("evening,19", "evening,24"), "and below 24"),
        ("visit_patterns.csv", replace("weekend,3,0.6", "weekend,3,60"), "from 0 to 1"),
        ("visit_patterns.csv", replace("weekend,3", "weekend,2"), "priority '2' is there already"),
        ("visit_patterns.csv", with_row("siesta,6,0.5"), "'siesta' has no slot"),
        (SLOTS, with_row("siesta,*,night"), "unknown pattern_code 'siesta'"),
        (SLOTS, with_row("night,*,midday"), "unknown daypart 'midday'"),
        (SLOTS, with_row("evening,weekend,evening"), "overlaps another slot of the pattern"),
        ("channel_kinds.csv", replace("pos,store", "pos,shop"), "unknown channel_kind 'shop'"),
        (COMPONENTS, replace("advocacy,10", "advocacy,11"), "add up to 101, not to 100"),
        (COMPONENTS, replace("advocacy,advocacy,10\n", ""), "no row for 'advocacy'"),
        (COMPONENTS, replace("tenure,", "tenor,"), "unknown component 'tenor'"),
        (STEPS, replace("tenure,730,10", "tenure,730,9"), "not its maximum_points 10"),
        (STEPS, replace("tenure,180,5", "tenure,180,3"), "must be above that of"),
        (STEPS, replace("tenure,180,5", "tenure,80,5"), "must be above that of"),
        (STEPS, replace("tenure,90,3", "tenure,0,3"), "lower_bound of 'tenure 3' must be above"),
        (STEPS, replace("tenure,90,3", "tenure,90,0"), "must be above"),
        ("loyalty_tiers.csv", replace("high,70", "high,100"), "and below 100"),
        ("loyalty_tiers.csv", replace("medium", "middle"), "'middle' is no loyalty"),
        ("loyalty_grace_days.csv", replace("30", "0"), "days_back must be a day from 1"),
        ("loyalty_grace_days.csv", with_row("60"), "days_back '60' is there already"),
        (QUADRANTS, replace("spurious,Spurious loyalty,3,0.5,0", "spurious,S,3,0.5,0.4"), "nobody"),
        (QUADRANTS, replace("none,No loyalty,4,0,0", "none,No loyalty,4,0,0.1"), "take everybody"),
        ("advocacy_rules.csv", replace("review,0.8", "review,80"), "minimum_share must be from 0"),
        ("advocacy_rules.csv", replace("feedback,nps", "survey,nps"), "unknown source 'survey'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_named(
    tmp_path: Path, name: str, edit: Callable[[str], str], told: str
):
    copy = tmp_path / name
    copy.write_text(edit(TABLES[name].read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(StrataError) as refused:
        check_config_tables(TABLES | {name: copy})
    assert told in str(refused.value)
    assert str(copy) in str(refused.value)
