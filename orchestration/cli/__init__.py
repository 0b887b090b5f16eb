"""The `strata` command: reads arguments, calls the rest, prints. No rule of the product is here."""
