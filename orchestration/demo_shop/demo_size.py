"""The demo shop as it comes where nobody asks for another: said by the command line, too.

It imports nothing, since `strata --help` reads it.
"""

from __future__ import annotations

DEFAULT_CUSTOMERS = 20_000
"""People: accounts, guests, prospects and visitors together."""
DEFAULT_SEED = 7
DEFAULT_EVENTS_PER_PERSON: float = 60
"""On average."""
