"""The published set as a page that opens from disk: aggregates in SQL, charts, tables, sentences."""
