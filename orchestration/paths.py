"""Where everything lies. The only module that builds a path: everybody else asks it.

`Project` is the checkout (models, seeds, maps), `Home` is the state on disk (`STRATA_HOME`).
Nothing is created or opened when this module is imported.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Project:
    """The checkout: code, models, shipped configuration and maps."""

    root: Path

    @classmethod
    def here(cls) -> Project:
        """The checkout that this module belongs to."""
        return cls(Path(__file__).resolve().parent.parent)

    @property
    def dbt_project(self) -> Path:
        """The dbt project's folder."""
        return self.root / "dbt_project"

    @property
    def raw_sources(self) -> Path:
        """The folder with the input contract: the dbt sources of schema `raw`."""
        return self.dbt_project / "models" / "staging" / "raw" / "contract"

    @property
    def dbt_project_file(self) -> Path:
        """The dbt project's own settings."""
        return self.dbt_project / "dbt_project.yml"

    @property
    def models(self) -> Path:
        """The dbt models."""
        return self.dbt_project / "models"

    @property
    def macros(self) -> Path:
        """The dbt macros."""
        return self.dbt_project / "macros"

    @property
    def orchestration(self) -> Path:
        """The Python package."""
        return self.root / "orchestration"

    @property
    def reporting(self) -> Path:
        """What draws the report from a published set."""
        return self.orchestration / "reporting"

    @property
    def profiles(self) -> Path:
        """The folder with dbt's profiles.yml."""
        return self.root / "profiles"

    @property
    def config_tables(self) -> Path:
        """The shipped CSVs of grids, weights, cutoffs and rules."""
        return self.root / "seeds" / "config"

    @property
    def settings_file(self) -> Path:
        """The shipped settings."""
        return self.root / "strata.yml"

    @property
    def maps(self) -> Path:
        """The shipped maps from foreign files to the input contract."""
        return self.root / "maps"

    @property
    def report_templates(self) -> Path:
        """The report's page, style and script, before data are put in."""
        return self.reporting / "templates"

    @property
    def dagster_yaml(self) -> Path:
        """The shipped settings of the Dagster instance."""
        return self.root / "dagster.yaml"


@dataclass(frozen=True, slots=True)
class Home:
    """State on disk: one folder that holds all that runs leave behind."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """`STRATA_HOME`, or `warehouse` in the checkout."""
        named = os.environ.get("STRATA_HOME")
        return cls(Path(named).resolve() if named else Project.here().root / "warehouse")

    @property
    def is_made(self) -> bool:
        """Whether anything was ever taken in or published here; a folder alone is no home."""
        return any(path.exists() for path in (self.ledger_db, self.raw, self.sets))

    @property
    def dev_command(self) -> str:
        """How its user opens Dagster's pages for it."""
        if self.root == Project.here().root / "warehouse":
            return "make dev"
        return f"strata dev --home {shlex.quote(str(self.root))}"

    @property
    def published_db(self) -> Path:
        """What readers open: a link to the current set."""
        return self.root / "strata.duckdb"

    @property
    def build_db(self) -> Path:
        """What the pipeline builds in. Nobody else opens it."""
        return self.root / "build.duckdb"

    @property
    def sets(self) -> Path:
        """The published sets that are kept, one file each."""
        return self.root / "sets"

    def set_file(self, set_id: str) -> Path:
        """The file of one published set."""
        return self.sets / f"{set_id}.duckdb"

    @property
    def report(self) -> Path:
        """The report of the published set, with all that it needs: a folder to open or hand on."""
        return self.root / "report"

    @property
    def report_page(self) -> Path:
        """What a browser opens."""
        return self.report / "index.html"

    @property
    def report_library(self) -> Path:
        """The chart library that the page loads, under its name in the wheel."""
        return self.report / "plotly.min.js"

    @property
    def report_docs(self) -> Path:
        """The descriptions of all models, as dbt renders them."""
        return self.report / "dbt-docs.html"

    @property
    def report_docs_stamp(self) -> Path:
        """What those were made from."""
        return self.dbt_manifest.with_name("docs_made_from.sha256")

    @property
    def raw(self) -> Path:
        """Delivered rows as text Parquet, pseudonymised, a folder per table."""
        return self.root / "raw"

    @property
    def vault(self) -> Path:
        """The key and the way back from pseudonyms to identifiers. Never published."""
        return self.root / "vault"

    @property
    def pseudonym_key(self) -> Path:
        """The secret that pseudonyms are made with, where the environment names no other."""
        return self.vault / "pseudonym.key"

    @property
    def ledger_db(self) -> Path:
        """What was delivered, built and published."""
        return self.root / "ledger.sqlite"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def locks(self) -> Path:
        """Lock files of the run and of dbt."""
        return self.root / "locks"

    @property
    def run_lock(self) -> Path:
        """Held by the one run that may write."""
        return self.locks / "run.lock"

    @property
    def dbt_lock(self) -> Path:
        """Held by a dbt process that may write, also by one that outlived its run."""
        return self.locks / "dbt.lock"

    @property
    def publish_lock(self) -> Path:
        """Held while sets are added, removed or pointed to."""
        return self.locks / "publish.lock"

    @property
    def report_lock(self) -> Path:
        """Held while the report is written."""
        return self.locks / "report.lock"

    @property
    def instance_lock(self) -> Path:
        """Held while Dagster's settings and databases are made."""
        return self.locks / "dagster.lock"

    @property
    def dbt_runs(self) -> Path:
        """dbt's target and log folders, one per run."""
        return self.root / "dbt"

    @property
    def dbt_manifest(self) -> Path:
        """The parsed dbt project that the Dagster definitions are made from."""
        return self.dbt_runs / "parsed" / "manifest.json"

    @property
    def dbt_parse_stamp(self) -> Path:
        """What the parsed project was parsed from, as a hash."""
        return self.dbt_manifest.with_name("parsed_from.sha256")

    @property
    def past_day_parse(self) -> Path:
        """What dbt parsed for past days, whose target has a parse of its own."""
        return self.dbt_manifest.with_name("past_day_partial_parse.msgpack")

    @property
    def scratch(self) -> Path:
        """Temporary files: DuckDB's spill and half-made files. Emptied at the start of a run."""
        return self.root / "scratch"

    @property
    def config_tables(self) -> Path:
        """The config tables of the running overlay, gathered for dbt."""
        return self.root / "config_tables"

    @property
    def input_note(self) -> Path:
        """Which landing folder and map this home takes its files from."""
        return self.root / "input.yml"

    @property
    def landing(self) -> Path:
        """Where files are looked for when no other folder is named."""
        return self.root / "landing"

    @property
    def demo(self) -> Path:
        """The demo shop's files."""
        return self.root / "demo"
