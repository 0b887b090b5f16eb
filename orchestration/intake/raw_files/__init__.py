"""The Parquet files of raw: how rows are written, rejected, listed and read as relations."""
