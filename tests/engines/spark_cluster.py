"""A Spark standalone cluster on this machine's loopback: master, two workers, thrift server.

Starting it, asking it and ending it belong here; what is built on it does not.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
WORKER_COUNT = 2
SECONDS_TO_START = 240
SECONDS_TO_END = 20
# Short lives: the second compiler and a parallel collector cost more than they give back.
SHORT_LIVED_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC"
PR_SET_PDEATHSIG = 1


@dataclass
class SparkCluster:
    """The cluster's processes, folders and doors."""

    folder: Path
    thrift_port: int
    driver_port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        """Where the thrift server keeps tables: a folder per schema, a folder per table."""
        return self.folder / "warehouse"

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run SQL in one session; the rows of the last statement."""
        from pyhive import hive

        # The zone has to be the one that dbt's sessions have.
        zone = {"spark.sql.session.timeZone": "UTC"}
        with (
            closing(hive.connect(HOST, self.thrift_port, "tests", configuration=zone)) as session,
            closing(session.cursor()) as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def tasks_by_worker(self) -> dict[int, int]:
        """Finished tasks by the port of the worker that ran them."""
        [application] = self._ask("applications")
        counts: dict[int, int] = {}
        for executor in self._ask(f"applications/{application['id']}/allexecutors"):
            log = executor["executorLogs"].get("stdout")
            if log is not None:
                port = urlsplit(log).port or 0
                counts[port] = counts.get(port, 0) + executor["completedTasks"]
        return counts

    def _ask(self, what: str) -> list[dict[str, Any]]:
        address = f"http://{HOST}:{self.driver_port}/api/v1/{what}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return json.load(answer)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start one of the cluster's processes, in a group of its own; its log in the folder."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def wait_for(self, name: str, port: int) -> None:
        """Wait until a process listens; tell its log's end if it ended or took too long."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.processes[name].poll() is None:
            with suppress(OSError), closing(socket.create_connection((HOST, port), timeout=1)):
                return
            time.sleep(0.2)
        raise RuntimeError(f"Spark's {name} did not start:\n{self._log_end(name)}")

    def end(self) -> None:
        """End everything that was started, the executors with their worker."""
        for process in reversed(self.processes.values()):
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for process in self.processes.values():
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def _log_end(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]


@contextmanager
def spark_cluster(folder: Path) -> Iterator[SparkCluster]:
    """A running cluster with an empty catalogue in memory. Ended on the way out, come what may."""
    master_port, thrift_port, driver_port = _free_ports(3)
    cluster = SparkCluster(folder, thrift_port, driver_port)
    master = f"spark://{HOST}:{master_port}"
    spark_class = str(_spark_home() / "bin" / "spark-class")
    deploy = "org.apache.spark.deploy"
    try:
        cluster.start(
            "master",
            [
                *(spark_class, f"{deploy}.master.Master"),
                *("--host", HOST, "--port", str(master_port), "--webui-port", "0"),
            ],
        )
        cluster.wait_for("master", master_port)
        for number in range(WORKER_COUNT):
            cluster.start(
                f"worker-{number}",
                [
                    *(spark_class, f"{deploy}.worker.Worker"),
                    *("--host", HOST, "--webui-port", "0", "--cores", "1", "--memory", "1g"),
                    *("--work-dir", str(folder / f"work-{number}"), master),
                ],
            )
        cluster.start("thrift", _thrift_command(cluster, master))
        cluster.wait_for("thrift", thrift_port)
        yield cluster
    finally:
        cluster.end()


def _thrift_command(cluster: SparkCluster, master: str) -> list[str]:
    settings = {
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.driver.extraJavaOptions": SHORT_LIVED_JVM,
        "spark.executor.memory": "768m",
        "spark.executor.extraJavaOptions": SHORT_LIVED_JVM,
        "spark.ui.port": str(cluster.driver_port),
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(cluster.warehouse),
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:catalogue;create=true",
        # Tables of some hundred rows: compiling each query takes longer than running it.
        "spark.sql.codegen.wholeStage": "false",
    }
    return [
        str(_spark_home() / "bin" / "spark-submit"),
        *("--master", master),
        *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
        *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
        # Whatever follows is the server's own.
        "spark-internal",
        *("--hiveconf", f"hive.server2.thrift.port={cluster.thrift_port}"),
        *("--hiveconf", f"hive.server2.thrift.bind.host={HOST}"),
    ]


def _spark_home() -> Path:
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise RuntimeError("pyspark is not installed")
    return Path(found.origin).parent


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    return kept | {
        "SPARK_HOME": str(_spark_home()),
        "SPARK_LOCAL_IP": HOST,
        # The thrift server takes its memory from here, too.
        "SPARK_DAEMON_MEMORY": "1g",
        "SPARK_DAEMON_JAVA_OPTS": SHORT_LIVED_JVM,
    }


def _end_with_parent() -> None:
    """In the child: the kernel ends it when the tests' process dies, even by a kill."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    try:
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()
