"""Evaluates `reconcile_sensor` in a process of its own: definitions read the environment once.

`python -m tests.runs.sensor_process NOW [--busy]`. Each run that the sensor asks for is taken as
done: the ledger says so, nothing is built. Prints what was asked for, and why it stopped.
"""

import datetime as dt
import functools
import json
import sys
from pathlib import Path

import dagster as dg

from orchestration.paths import Home
from orchestration.publishing.run_ledger import mark_day
from orchestration.warehouse import dbt_invocation

MOST = 40


def main() -> None:
    """Evaluate until the sensor skips."""
    # The sensor needs no dbt model: parsing them takes longer than all the rest.
    dbt_invocation.ensure_manifest = lambda *_: Path("manifest.json")
    from orchestration.defs.automation import sensors

    now = dt.datetime.fromisoformat(sys.argv[1]).replace(tzinfo=dt.UTC)
    sensors.next_owed_day = functools.partial(sensors.next_owed_day, now=now)
    home, requests = Home.from_environment(), []
    with dg.DagsterInstance.ephemeral() as instance:
        if "--busy" in sys.argv:
            status = dg.DagsterRunStatus.STARTED
            instance.add_run(dg.DagsterRun("daily", run_id="1" * 32, status=status))
        while len(requests) < MOST:
            told = sensors.reconcile_sensor(dg.build_sensor_context(instance=instance))
            if isinstance(told, dg.SkipReason):
                break
            [request] = told.run_requests
            publish = request.run_config["resources"]["run_session"]["config"]["publish"]
            requests.append({"partition": request.partition_key, "publish": publish})
            day = dt.date.fromisoformat(request.partition_key)
            mark_day(home, day, "published" if publish else "built")
    json.dump({"requests": requests, "skipped": told.skip_message}, sys.stdout)


if __name__ == "__main__":
    main()
