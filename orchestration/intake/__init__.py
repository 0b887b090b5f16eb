"""Delivered files become raw: named, hashed, read as text, pseudonymised, counted, kept.

`take_in` is the way in, `raw_files.raw_views` the way out. Nothing here types or judges a value:
that is staging's work in dbt. No Dagster in here.
"""
