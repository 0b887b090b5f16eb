"""Strata's Python side: everything that is not SQL.

`defs/` holds the thin Dagster definitions; every other package is plain Python that can be
imported and tested without Dagster. Import the submodule you need: nothing is re-exported here.
"""
