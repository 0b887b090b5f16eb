"""One cluster and one world a session, built twice on DuckDB and on Spark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from engine_builds import DAYS, DbtOnEngine, build_on_duckdb, build_on_spark
from engine_world import PSEUDONYM_KEY, EngineWorld
from spark_cluster import HOST, SparkCluster, spark_cluster

LEAST_JAVA = 17


@dataclass(frozen=True)
class BuiltEngines:
    """Both engines after both builds."""

    world: EngineWorld
    cluster: SparkCluster
    duckdb: DbtOnEngine
    spark: DbtOnEngine

    def stored(self, schema: str, name: str) -> Path:
        """Where Spark has a relation's rows; a view's are written there first."""
        if (schema, name) not in self.spark.views():
            return self.cluster.warehouse / f"{schema}.db" / name
        self.cluster.execute(
            "create schema if not exists views",
            f"create table views.{name} using parquet as select * from {schema}.{name}",
        )
        return self.cluster.warehouse / "views.db" / name


def java_release() -> int | None:
    """The release of the Java that Spark would use; None without one."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else None


@pytest.fixture(scope="session")
def engine_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The session's folder; the environment that profiles.yml reads, and nothing of the shell's."""
    folder = tmp_path_factory.mktemp("engines")
    named = {
        "STRATA_BUILD_DB": str(EngineWorld(folder).database),
        "STRATA_MEMORY_LIMIT": "1GB",
        "STRATA_TEMP_DIRECTORY": str(folder / "spill"),
        "STRATA_PSEUDONYM_KEY": PSEUDONYM_KEY,
        "STRATA_DBT_THREADS": "2",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("STRATA_", "DBT_"))]:
            patch.delenv(name)
        for name, value in named.items():
            patch.setenv(name, value)
        yield folder


@pytest.fixture(scope="session")
def cluster(engine_environment: Path) -> Iterator[SparkCluster]:
    if find_spec("pyspark") is None or find_spec("pyhive") is None:
        pytest.skip("Spark is not installed in this environment: make test-spark has its own")
    release = java_release()
    if release is None or release < LEAST_JAVA:
        pytest.skip(f"Spark needs Java {LEAST_JAVA} or newer; found {release or 'none'}")
    folder = engine_environment / "spark"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch, spark_cluster(folder) as running:
        patch.setenv("STRATA_SPARK_HOST", HOST)
        patch.setenv("STRATA_SPARK_PORT", str(running.thrift_port))
        yield running


@pytest.fixture(scope="session")
def built(engine_environment: Path, cluster: SparkCluster) -> BuiltEngines:
    """Both portions of the world, built one after the other on both engines."""
    world = EngineWorld(engine_environment)
    duckdb = DbtOnEngine(engine_environment / "dbt", "duckdb")
    spark = DbtOnEngine(engine_environment / "dbt", "spark")
    for build in range(len(DAYS)):
        build_on_duckdb(world, duckdb, build)
        build_on_spark(world, cluster, spark, build)
    return BuiltEngines(world, cluster, duckdb, spark)
