"""`strata-dbt`: takes dbt's lock, then becomes dbt.

Dagster starts it in place of `dbt`. When Dagster is killed, its dbt lives on and goes on writing;
as the lock belongs to that very process, the next run sees it and waits. A descriptor handed down
by Dagster's process would not do: it closes all descriptors of the children it starts.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.warehouse.locks import FileLock

# dbt commands that open the warehouse. The others (parse, ls, deps, --version) need no lock.
_WAREHOUSE_COMMANDS = frozenset(
    {"build", "clone", "compile", "debug", "docs", "retry", "run"}
    | {"run-operation", "seed", "show", "snapshot", "source", "test"}
)
# dbt's own exit code for "could not run at all".
_COULD_NOT_RUN = 2


def main() -> None:
    """Become dbt with the same arguments, holding the lock that `STRATA_DBT_LOCK` names.

    Without that variable nothing is locked. `STRATA_LOCK_TIMEOUT_SECONDS` says how long to wait.
    """
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # dagster-dbt asks before each run; dbt's own answer asks the package registry first.
        print(f"Core:\n  - installed: {version('dbt-core')}")
        return
    # dbt's database, logs and artifacts are for this user alone.
    os.umask(0o077)
    try:
        _lock_for(arguments)
    except StrataError as error:
        print(error, file=sys.stderr)
        sys.exit(_COULD_NOT_RUN)
    # The script and not `-m dbt.cli.main`: that puts a warning of runpy among dbt's lines.
    script = Path(sysconfig.get_path("scripts")) / "dbt"
    os.execv(sys.executable, [sys.executable, str(script), *arguments])


def _lock_for(arguments: list[str]) -> None:
    command = next((word for word in arguments if word in _WAREHOUSE_COMMANDS), None)
    path = os.environ.get("STRATA_DBT_LOCK")
    if not path or command is None:
        return
    timeout = os.environ.get("STRATA_LOCK_TIMEOUT_SECONDS", "600")
    try:
        timeout_seconds = float(timeout)
    except ValueError:
        raise StrataError(
            f"STRATA_LOCK_TIMEOUT_SECONDS must be a number of seconds, not {timeout!r}"
        ) from None
    lock = FileLock(Path(path), f"dbt {command}", timeout_seconds, say=_tell)
    lock.acquire()
    lock.outlive_exec()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
