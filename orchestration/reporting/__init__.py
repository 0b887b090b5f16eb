"""The published set as a page that opens from disk: aggregates, charts, tables, sentences."""
