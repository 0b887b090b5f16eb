"""Thin Dagster definitions, a folder per producer: read, call, write, report. No arithmetic."""
