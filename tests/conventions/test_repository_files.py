"""Every file of the repository: its name, length and opening, and what may not stand in it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import PurePosixPath

import pytest

# Names that tools give a meaning to, one per folder.
MAY_REPEAT = frozenset({"__init__.py", "conftest.py", "README.md", ".gitignore", ".gitkeep"})
LONGEST_FILE = 450
LENGTH_SUFFIXES = (".py", ".sql", ".yml")

ADDRESS = re.compile(r"\b[a-z][a-z+.-]*://(?P<host>\[[^\]]+\]|[^\s/:'\"<>)`]*)", re.IGNORECASE)
# Addresses of this machine, and names that are reserved for examples (RFC 2606, RFC 6761).
HARMLESS_HOST = re.compile(
    r"(localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|([\w-]+\.)*example\.(com|org|net)|"
    r"([\w-]+\.)*(example|invalid|test|localhost)|\{.*|)\Z",
    re.IGNORECASE,
)
# Schemes that name no host on a network.
HARMLESS_SCHEME = ("file", "sqlite", "duckdb", "dagster")
# The licence's text is not ours to change.
MAY_HAVE_ADDRESSES = frozenset({"LICENSE"})
INDEX_SETTING = re.compile(r"index[-_]url|find[-_]links|trusted[-_]host", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(^|[^\w.}/])/(work|root|home|tmp|Users|mnt)/(?!\s)")

Texts = dict[str, str]


def repeated_names(paths: list[str]) -> list[str]:
    """File names that stand in more than one folder."""
    folders = defaultdict(list)
    for path in paths:
        folders[PurePosixPath(path).name].append(path)
    return [
        " = ".join(found)
        for name, found in sorted(folders.items())
        if len(found) > 1 and name not in MAY_REPEAT
    ]


def long_files(texts: Texts) -> list[str]:
    """Source files over the limit."""
    return [
        f"{path} has {lines} lines"
        for path, text in texts.items()
        if path.endswith(LENGTH_SUFFIXES)
        if (lines := len(text.splitlines())) > LONGEST_FILE
    ]


def without_docstring(texts: Texts) -> list[str]:
    """Python modules that do not open with what belongs in them."""
    return [
        path
        for path, text in texts.items()
        if path.endswith(".py") and not (ast.get_docstring(ast.parse(text)) or "").strip()
    ]


def network_addresses(texts: Texts) -> list[str]:
    """Addresses of hosts on a network, and settings of a package index."""
    found = []
    for path, text in texts.items():
        if path in MAY_HAVE_ADDRESSES:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            hosts = [
                match.group()
                for match in ADDRESS.finditer(line)
                if not HARMLESS_HOST.match(match.group("host"))
                and match.group().split(":")[0].lower() not in HARMLESS_SCHEME
            ]
            found += [f"{path}:{number} {host}" for host in hosts]
            found += [f"{path}:{number} {hit.group()}" for hit in INDEX_SETTING.finditer(line)]
    return found


def machine_paths(texts: Texts) -> list[str]:
    """Absolute paths of one machine."""
    return [
        f"{path}:{number}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]


def test_every_file_name_is_unique(repository_files):
    assert repeated_names([str(path) for path in repository_files]) == []


def test_no_source_file_is_too_long_to_read(repository_texts):
    assert long_files(repository_texts) == []


def test_a_file_that_may_have_addresses_is_there(repository_texts):
    assert set(repository_texts) >= MAY_HAVE_ADDRESSES


def test_every_module_says_what_belongs_in_it(repository_texts):
    assert without_docstring(repository_texts) == []


def test_no_file_names_a_host_or_a_package_index(repository_texts):
    assert network_addresses(repository_texts) == []


def test_no_file_names_a_path_of_one_machine(repository_texts):
    assert machine_paths(repository_texts) == []


def test_a_repeated_name_is_told_with_its_folders():
    paths = ["a/orders.csv", "b/orders.csv", "a/__init__.py", "b/__init__.py", "a/lines.csv"]
    assert repeated_names(paths) == ["a/orders.csv = b/orders.csv"]


def test_a_long_file_is_told_with_its_length():
    texts = {
        "a/long.py": "\n" * 451,
        "a/at_the_limit.sql": "\n" * 450,
        "a/table.csv": "\n" * 900,
    }
    assert long_files(texts) == ["a/long.py has 451 lines"]


@pytest.mark.parametrize("text", ["", "import os\n", '"""  """\n', "# only a comment\n"])
def test_a_module_without_a_docstring_is_told(text):
    texts = {"a/bare.py": text, "a/good.py": '"""What belongs here."""\n'}
    assert without_docstring(texts) == ["a/bare.py"]


SLASHES = "//"
DASH = "-"


@pytest.mark.parametrize(
    ("line", "is_violation"),
    [
        (f"see https:{SLASHES}packages.shop-host.io/simple", True),
        (f"url = 'postgres:{SLASHES}db.internal:5432/seg'", True),
        # Put together here, or this file would break its own rule.
        (f"--{DASH.join(['extra', 'index', 'url'])} somewhere", True),
        (f"PIP_{'_'.join(['INDEX', 'URL'])}=somewhere", True),
        (f"http:{SLASHES}127.0.0.1:3000", False),
        (f"http:{SLASHES}localhost:3000", False),
        (f"https:{SLASHES}hooks.example.com/alert", False),
        (f"https:{SLASHES}alerts.invalid/x", False),
        (f"f'http:{SLASHES}{{host}}:{{port}}'", False),
        (f"file:{SLASHES}/data", False),
    ],
)
def test_an_address_on_a_network_is_told(line, is_violation):
    found = network_addresses({"settings.yml": f"first\n{line}\n"})
    assert [place.split()[0] for place in found] == (["settings.yml:2"] if is_violation else [])


@pytest.mark.parametrize("folder", ["work", "root", "home", "tmp", "Users"])
@pytest.mark.parametrize("template", ["{}main", "path = '{}x'", "STRATA_HOME={}x", "({}x)"])
def test_a_path_of_one_machine_is_told(folder, template):
    line = template.format(f"/{folder}/")
    assert machine_paths({"a.yml": f"fine\n{line}"}) == ["a.yml:2"]


@pytest.mark.parametrize("line", ["src/root/x", "<checkout>/../home/x", "a and/or b", "$HOME/x"])
def test_a_relative_path_is_no_path_of_one_machine(line):
    assert machine_paths({"a.yml": line}) == []
