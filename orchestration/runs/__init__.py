"""One day's run as plain Python: which day, from what, what is published and what it says."""
