"""State on disk and the seam to the warehouse: connections, the ledger file, locks."""
