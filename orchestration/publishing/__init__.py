"""Finished sets: made beside the old ones, checked, and shown to readers by moving one pointer."""
