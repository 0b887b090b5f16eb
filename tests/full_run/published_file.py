"""Reads what readers read: the published file, read-only."""

import duckdb


def rows(home, query):
    """The rows of a query on the published file."""
    with duckdb.connect(str(home.published_db), read_only=True) as connection:
        return connection.execute(query).fetchall()


def one(home, query):
    """The one value of a query on the published file."""
    [(value,)] = rows(home, query)
    return value
