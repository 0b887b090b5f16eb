"""Erased people: whose rows never become raw, and how those that did are deleted."""
