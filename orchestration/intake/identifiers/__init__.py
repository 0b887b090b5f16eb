"""Identifiers become keyed pseudonyms; the vault alone keeps what they were."""
