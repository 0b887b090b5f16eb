"""The two dbt calls of a run."""
