"""A reader as BI tools are: opens the published file again and again until its input ends.

Every opening is one look: all tables of schema `marts` must carry one and the same set id. Prints
one JSON object: looks, set ids in the order of their first sight, and what was wrong.
"""

import json
import sys
import threading
import time
from pathlib import Path

import duckdb

_PAUSE_SECONDS = 0.005
_MOST_FAULTS = 20


def look(published_db):
    """The set id that all tables agree on.

    Raises:
        ValueError: they don't, or a table doesn't end with its set id.
        duckdb.Error: the file can't be read.
    """
    # Resolved, as DuckDB shares one open database by name within a process.
    with duckdb.connect(published_db.resolve(), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        if ("published_set",) not in tables:
            raise ValueError("no table published_set")
        set_ids = set()
        for (table,) in tables:
            reader = connection.execute(f'select * from marts."{table}" limit 0')
            if reader.description[-1][0] != "set_id":
                raise ValueError(f"set_id is not the last column of {table}")
            found = connection.execute(f'select distinct set_id from marts."{table}"').fetchall()
            set_ids.update(set_id for (set_id,) in found)
    if len(set_ids) != 1:
        raise ValueError(f"tables of different sets: {sorted(set_ids)}")
    return set_ids.pop()


def main():
    """Look until standard input ends."""
    published_db = Path(sys.argv[1])
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    looks, set_ids, faults = 0, [], []
    last_look = False
    # One look more after the end, at what is left.
    while not last_look:
        last_look = stopped.is_set()
        began = time.monotonic()
        if published_db.is_symlink():
            try:
                set_id = look(published_db)
                looks += 1
                if set_id not in set_ids:
                    set_ids.append(set_id)
            except (ValueError, duckdb.Error) as error:
                faults.append(f"{type(error).__name__}: {error}"[:300])
        elif set_ids:
            faults.append("the published file was there and is gone")
        # A third of a core at the most: what is watched needs the rest.
        time.sleep(max(_PAUSE_SECONDS, 2 * (time.monotonic() - began)))
    print(json.dumps({"looks": looks, "set_ids": set_ids, "faults": faults[:_MOST_FAULTS]}))


if __name__ == "__main__":
    main()
