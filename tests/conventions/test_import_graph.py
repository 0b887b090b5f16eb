"""The Python side: who may import whom, what `defs/` may not do, who builds paths."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

import pytest

from orchestration.paths import Home, Project

# Every other package is plain Python. Modules beside the packages start and load the definitions.
DAGSTER_PACKAGES = frozenset({"", "defs"})
# The command line answers `--help` at once: it loads Dagster only where a command needs it.
LAZY_PACKAGES = frozenset({"cli"})
# `code_version` leaves the report out, so nothing that makes a number may come from there.
DRAWS_REPORTS = frozenset({"reporting", "cli"})
DRAWS_THE_REPORT = "orchestration/defs/report/report_page_asset.py"
LONGEST_DEFINITION_FILE = 200
# dagster's loader wants the file that it is called from; paths.py is where the checkout is found.
KNOWS_ITS_OWN_FILE = frozenset({"orchestration/paths.py", "orchestration/definitions.py"})
HOME_FILES = frozenset({"strata.duckdb", "build.duckdb", "ledger.sqlite"})
PATH_NAMES = frozenset(
    name
    for owner in (Home, Project)
    for name in (*vars(owner), *(field.name for field in dataclasses.fields(owner)))
    if not name.startswith("__")
) | {"parent", "folder", "directory", "home"}
PATH_ENDINGS = ("_path", "_folder", "_dir", "_file")

Sources = dict[str, str]


def package_of(path: str) -> str:
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def imports(tree: ast.AST) -> Iterator[str]:
    """Full names of what is imported anywhere in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # `from package import module` imports the module as well.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_level(tree: ast.Module) -> ast.Module:
    """The tree without what runs only when a function is called, and without type-only imports."""
    kept = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        kept.append(statement)
    return ast.Module(body=kept, type_ignores=[])


def belongs_to(module: str, libraries: tuple[str, ...]) -> bool:
    """Whether a module is a library's, or a companion's of it (`dagster_dbt`)."""
    top = module.split(".")[0]
    return any(top == library or top.startswith(f"{library}_") for library in libraries)


def reached(sources: Sources, start: str, libraries: tuple[str, ...]) -> list[str] | None:
    """The chain of imports by which loading a file loads one of the libraries, if there is one."""
    by_module = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path
        for path in sources
    }
    chains, seen = [[start]], {start}
    while chains:
        chain = chains.pop()
        for module in imports(module_level(ast.parse(sources[chain[-1]]))):
            if belongs_to(module, libraries):
                return [*chain, module]
            target = by_module.get(module)
            if target is not None and target not in seen:
                seen.add(target)
                chains.append([*chain, target])
    return None


def dagster_violations(sources: Sources) -> list[str]:
    """Plain packages that import Dagster, and command-line modules that load it at once."""
    found = []
    for path, text in sources.items():
        package = package_of(path)
        if package in DAGSTER_PACKAGES:
            continue
        chain = reached(sources, path, ("dagster",))
        if package not in LAZY_PACKAGES:
            named = [name for name in imports(ast.parse(text)) if belongs_to(name, ("dagster",))]
            chain = [path, named[0]] if named else chain
        if chain is not None:
            found.append(" > ".join(chain))
    return found


def estimator_violations(sources: Sources) -> list[str]:
    """Estimators that reach a database or dbt."""
    libraries = ("duckdb", "dbt", "dagster", "sqlite3")
    chains = [
        reached(sources, path, libraries) for path in sources if package_of(path) == "estimators"
    ]
    return [" > ".join(chain) for chain in chains if chain is not None]


def report_violations(sources: Sources) -> list[str]:
    """Modules that use the report's code, which no set's id knows, and may yet change a number."""
    return [
        f"{path} > {name}"
        for path, text in sources.items()
        if package_of(path) not in DRAWS_REPORTS and path != DRAWS_THE_REPORT
        for name in dict.fromkeys(imports(ast.parse(text)))
        if f"{name}.".startswith("orchestration.reporting.")
    ]


def is_path(node: ast.expr) -> bool:
    """Whether an expression reads like a path: by its name, or as `Path(...)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return is_path(node.left)
    if isinstance(node, ast.Call):
        return is_path(node.func)
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name == "Path" or name in PATH_NAMES or name.endswith(PATH_ENDINGS)


def is_text(node: ast.expr) -> bool:
    """Whether an expression is text or a list written out."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_text(node.left) or is_text(node.right)
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_string or isinstance(node, ast.JoinedStr | ast.List | ast.Tuple)


def arithmetic(text: str) -> list[int]:
    """Lines with sums, differences, products or quotients of anything but text and paths."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AugAssign):
            left, right = node.target, node.value
        elif isinstance(node, ast.BinOp):
            left, right = node.left, node.right
        else:
            continue
        if isinstance(node.op, ast.BitOr | ast.BitAnd):
            continue
        if isinstance(node.op, ast.Add) and (is_text(left) or is_text(right)):
            continue
        if isinstance(node.op, ast.Div) and is_path(left):
            continue
        found.append(node.lineno)
    return sorted(set(found))


def definition_violations(sources: Sources) -> list[str]:
    """Files of `defs/` that calculate, or are too long to be thin."""
    found = []
    for path, text in sources.items():
        if package_of(path) != "defs":
            continue
        found += [f"{path}:{line} calculates" for line in arithmetic(text)]
        if text.count("\n") > LONGEST_DEFINITION_FILE:
            found.append(f"{path} has {text.count(chr(10))} lines")
    return found


def docstrings(tree: ast.AST) -> set[int]:
    """Identities of the constants that are docstrings."""
    owners = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def path_violations(sources: Sources) -> list[str]:
    """Modules that work out where they stand, or name the home's files themselves."""
    found = []
    for path, text in sources.items():
        tree = ast.parse(text)
        texts_about = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == "__file__":
                if path not in KNOWS_ITS_OWN_FILE:
                    found.append(f"{path}:{node.lineno} __file__")
            elif (
                isinstance(node, ast.Constant)
                and node.value in HOME_FILES
                and id(node) not in texts_about
                and path != "orchestration/paths.py"
            ):
                found.append(f"{path}:{node.lineno} {node.value}")
    return found


@pytest.fixture(scope="module")
def sources(repository_texts: dict[str, str]) -> Sources:
    return {
        path: text
        for path, text in repository_texts.items()
        if path.startswith("orchestration/") and path.endswith(".py")
    }


def test_plain_packages_load_no_dagster(sources):
    assert len(sources) > 30
    assert dagster_violations(sources) == []


def test_estimators_know_neither_a_database_nor_dbt(sources):
    assert any(package_of(path) == "estimators" for path in sources)
    assert estimator_violations(sources) == []


def test_nothing_that_makes_a_number_uses_the_reports_code(sources):
    assert DRAWS_THE_REPORT in sources
    assert report_violations(sources) == []


def test_definitions_are_thin_and_calculate_nothing(sources):
    assert any(package_of(path) == "defs" for path in sources)
    assert definition_violations(sources) == []


def test_only_paths_py_knows_where_things_lie(sources):
    assert path_violations(sources) == []


@pytest.mark.parametrize(
    "text",
    [
        "import dagster as dg",
        "from dagster_dbt import DbtProject",
        "def read():\n    import dagster",
        "from dagster._core import storage",
    ],
)
def test_a_plain_module_that_imports_dagster_is_named(text):
    found = dagster_violations({"orchestration/intake/reader.py": text})
    assert len(found) == 1
    assert found[0].startswith("orchestration/intake/reader.py > dagster")


@pytest.mark.parametrize(
    "text",
    ["from orchestration.launch import start", "from orchestration import launch"],
)
def test_a_plain_module_that_loads_dagster_through_another_is_named(text):
    sources = {
        "orchestration/publishing/writer.py": text,
        "orchestration/launch.py": "import dagster as dg",
    }
    assert dagster_violations(sources) == [
        "orchestration/publishing/writer.py > orchestration/launch.py > dagster"
    ]


@pytest.mark.parametrize(
    ("text", "violations"),
    [
        ("import dagster", ["orchestration/cli/main.py > dagster"]),
        ("def run():\n    import dagster", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import dagster", []),
        (
            "class Runner:\n    import dagster",
            ["orchestration/cli/main.py > dagster"],
        ),
        ("import dagstermill_free", []),
    ],
)
def test_the_command_line_may_load_dagster_only_when_it_is_needed(text, violations):
    assert dagster_violations({"orchestration/cli/main.py": text}) == violations


@pytest.mark.parametrize(
    ("estimator", "helper", "chain"),
    [
        ("import duckdb", "", "curve.py > duckdb"),
        ("from dbt.cli.main import dbtRunner", "", "curve.py > dbt.cli.main"),
        (
            "from orchestration.warehouse.reader import read",
            "import duckdb",
            "curve.py > orchestration/warehouse/reader.py > duckdb",
        ),
    ],
)
def test_an_estimator_that_reaches_a_database_is_named(estimator, helper, chain):
    sources = {
        "orchestration/estimators/curve.py": estimator,
        "orchestration/warehouse/reader.py": helper,
    }
    assert estimator_violations(sources) == [f"orchestration/estimators/{chain}"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("revenue = order_count * price", [1]),
        ("days = last - first", [1]),
        ("\nshare = revenue / total", [2]),
        ("total = 0\ntotal += 1", [2]),
        ("rest = number % 7", [1]),
        ("key = name + other", [1]),
        ("label = 'run ' + name", []),
        ("label = name + ' run' + day", []),
        ("both = [*first] + ['last']", []),
        ("kind = int | None", []),
        ("target = location.home.dbt_runs / run_id / call", []),
        ("target = Path(sys.executable).parent / 'dbt'", []),
        ("target = manifest_path / 'manifest.json'", []),
    ],
)
def test_a_definition_that_calculates_is_named(text, lines):
    found = definition_violations({"orchestration/defs/publish/assets.py": text})
    assert found == [f"orchestration/defs/publish/assets.py:{line} calculates" for line in lines]


def test_a_definition_file_of_more_than_two_hundred_lines_is_named():
    sources = {
        "orchestration/defs/long.py": "\n" * 201,
        "orchestration/defs/short.py": "\n" * 200,
        "orchestration/intake/long_too.py": "\n" * 201,
    }
    assert definition_violations(sources) == ["orchestration/defs/long.py has 201 lines"]


@pytest.mark.parametrize(
    ("path", "text", "violations"),
    [
        ("intake/reader.py", "root = Path(__file__).parent", ["intake/reader.py:1 __file__"]),
        ("intake/reader.py", "name = 'ledger.sqlite'", ["intake/reader.py:1 ledger.sqlite"]),
        ("cli/main.py", "\nfile = home / 'strata.duckdb'", ["cli/main.py:2 strata.duckdb"]),
        ("intake/reader.py", '"""ledger.sqlite"""', []),
        ("paths.py", "root = Path(__file__).parent / 'ledger.sqlite'", []),
        ("definitions.py", "root = Path(__file__)", []),
    ],
)
def test_a_module_that_builds_the_homes_paths_is_named(path, text, violations):
    found = path_violations({f"orchestration/{path}": text})
    assert found == [f"orchestration/{violation}" for violation in violations]


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("publishing/set_file.py", "from orchestration.reporting.charts import hover", 2),
        ("runs/as_of_run.py", "def f():\n    from orchestration import reporting", 1),
        ("defs/publish/assets.py", "import orchestration.reporting.charts", 1),
        ("defs/report/report_page_asset.py", "from orchestration.reporting import charts", 0),
        ("runs/as_of_run.py", "from orchestration.reporting_days import first", 0),
    ],
)
def test_a_number_that_comes_from_the_reports_code_is_named(path, text, count):
    assert len(report_violations({f"orchestration/{path}": text})) == count
