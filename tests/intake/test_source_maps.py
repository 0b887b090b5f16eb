"""Maps are checked when they are read: one line that says what is wrong, and nothing runs."""

import pytest
import yaml

from orchestration.errors import StrataError
from orchestration.intake.contract import contract_tables
from orchestration.intake.mapping.map_expressions import ExpressionError, compiled
from orchestration.intake.mapping.source_maps import load_map
from orchestration.paths import Project

TABLES = contract_tables(Project.here().raw_sources)
COLUMNS = {"a": "v0", "b": "v1", "row_number": "row_number"}


def good_map():
    return {
        "files": ["*.csv"],
        "format": "csv",
        "timezone": "UTC",
        "columns": {"id": "text", "day": {"type": "date"}, "price": "decimal"},
        "tables": [
            {
                "table": "orders",
                "columns": {
                    "source_system": "'x'",
                    "order_id": "id",
                    "ordered_at": "day",
                    "status": "'paid'",
                    "currency": "'EUR'",
                    "total_amount": "price",
                },
            }
        ],
    }


def load(tmp_path, document):
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_map(path, TABLES)


def test_the_shipped_maps_are_sound():
    paths = sorted(Project.here().maps.glob("*.yml"))
    assert [load_map(path, TABLES).files for path in paths] != []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(fils=["x"]), "unknown key 'fils'; did you mean 'files'"),
        (lambda m: m.update(csv={"delimeter": ";"}), "did you mean 'delimiter'"),
        (lambda m: m["columns"].update(id={"typ": "text"}), "did you mean 'type'"),
        (lambda m: m["tables"][0].update(wher="true"), "did you mean 'where'"),
        (lambda m: m.update(timezone="Europe/Lodnon"), "did you mean 'Europe/London'"),
        (lambda m: m.update(format="excel"), "format"),
        (lambda m: m.update(encoding="utf-9"), "no such encoding 'utf-9'"),
        (lambda m: m.pop("timezone"), "timezone"),
        (lambda m: m["columns"].update(id="number"), "columns.id"),
        (lambda m: m["columns"].update(id={"type": "text", "format": "%d"}), "has no format"),
        (lambda m: m.update(numbers={"decimal": ",", "thousands": ","}), "the same sign"),
        (lambda m: m.update(format="fixed_width"), "needs start and width"),
        (lambda m: m["tables"][0].update(table="order"), "did you mean 'orders'"),
        (lambda m: m["tables"][0]["columns"].update(order_key="id"), "did you mean 'order_id'"),
        (lambda m: m["tables"][0]["columns"].pop("currency"), "orders needs column currency"),
        (lambda m: m["tables"].append(m["tables"][0]), "stands twice"),
        (lambda m: m["tables"][0].update(group_by=["ids"]), "unknown column 'ids'"),
        (lambda m: m["tables"][0].update(group_by=["id"]), "'day' is not in group_by"),
        (lambda m: m["tables"][0]["columns"].update(order_id="idd"), "did you mean 'id'"),
        (lambda m: m["tables"][0]["columns"].update(order_id="sum(id)"), "needs a group_by"),
        (lambda m: m.update(leave_out=[{"where": "idx = 1", "reason": "x"}]), "leave_out.0.where"),
        (lambda m: m.update(leave_out=[{"where": "true", "reason": "A person!"}]), "reason"),
    ],
)
def test_a_faulty_map_is_told_in_one_line(tmp_path, change, said):
    document = good_map()
    change(document)
    with pytest.raises(StrataError) as told:
        load(tmp_path, document)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('/etc/passwd')",
        "(select max(a) from read_text('/etc/passwd'))",
        "(select 1)",
        "exists (select 1)",
        "a in (select 1)",
        "getenv('HOME')",
        "current_setting('temp_directory')",
        "variable('x')",
        "now()",
        "current_date",
        "random()",
        "query('select 1')",
        "cast(a as struct(x varchar))",
        "a::varchar[]",
        "cast(a as blob)",
        "[a]",
        "a[1]",
        "list_transform([a], x -> x)",
        "sum(a) over ()",
        "columns(*)",
        "*",
        "other.a",
        "$1",
        "?",
        "a; select 1",
        "select a",
        "copy x to 'y'",
        "a -- comment\n; drop table x",
        "repeat(a, 1000000000)",
        "lpad(a, 1000000000, 'x')",
        "error('x')",
        "a collate nocase",
        "",
        "'",
        "(" * 5_000,
    ],
)
def test_what_is_not_on_the_list_is_refused(text):
    with pytest.raises(ExpressionError):
        compiled(text, COLUMNS)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("a", '"v0"'),
        ("coalesce(nullif(trim(a), ''), b)", 'COALESCE(NULLIF(TRIM("v0"), \'\'), "v1")'),
        ("a::decimal(18, 4) * -b", 'TRY_CAST("v0" AS DECIMAL(18, 4)) * -"v1"'),
        ("cast(cast(a as int) as text)", 'TRY_CAST(TRY_CAST("v0" AS INT) AS TEXT)'),
        ("case when a > 1 then 'x' end", "CASE WHEN \"v0\" > 1 THEN 'x' END"),
        ("'it''s' || row_number", "'it''s' || \"row_number\""),
        ("a is not null and b in ('x', 'y')", "NOT \"v0\" IS NULL AND \"v1\" IN ('x', 'y')"),
    ],
)
def test_what_is_on_the_list_is_written_out_with_names_of_our_own(text, sql):
    assert compiled(text, COLUMNS) == sql


def test_aggregates_need_a_group_and_do_not_nest():
    assert compiled("sum(a) + count(*)", COLUMNS, group_by=["b"]) == 'SUM("v0") + COUNT(*)'
    with pytest.raises(ExpressionError, match="inside another"):
        compiled("sum(max(a))", COLUMNS, group_by=["b"])


def test_a_changed_map_has_another_digest_and_a_reworded_one_has_not(tmp_path):
    document = good_map()
    before = load(tmp_path, document).digest
    document |= {"description": "other words", "settings": {"shop_currency": "EUR"}}
    assert load(tmp_path, document).digest == before
    document["columns"]["price"] = "text"
    assert load(tmp_path, document).digest != before
