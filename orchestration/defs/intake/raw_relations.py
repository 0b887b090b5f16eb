"""Delivered files become the relations of schemas `raw` and `control`."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.code_location import code_location
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.intake.contract import contract_tables
from orchestration.intake.take_in import IntakeReport, take_in
from orchestration.runs.as_of_run import begin_as_of_run

LOCATION = code_location()
RAW_TABLES = sorted(contract_tables(LOCATION.project.raw_sources))
# A full disk or a busy file system may pass; intake commits file by file, so a retry repeats none.
RETRY = dg.RetryPolicy(max_retries=2, delay=5)


def _metadata(report: IntakeReport) -> dict[str, int]:
    return {
        "files_taken": report.files_taken,
        "files_known": report.files_known,
        "files_set_aside": len(report.files_set_aside),
        "rows_in": report.rows_in,
        "rows_accepted": report.rows_accepted,
        "rows_duplicate": report.rows_duplicate,
        "rows_rejected": report.rows_rejected,
        "rows_erased": report.rows_erased,
    }
