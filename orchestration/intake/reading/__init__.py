"""One delivered file is read as text, batch by batch, whatever its format: CSV, lines, Parquet."""
