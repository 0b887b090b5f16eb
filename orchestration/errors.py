"""The one exception a user may see. What it says is one line: what, where, what to do.

Raise `StrataError` for anything a user can cause or mend. Its text goes to the terminal, the run
page and the alert, so it never carries a value from a customer's row.
"""


class StrataError(Exception):
    """A fault that is told in one line and ends the command with a non-zero exit code."""
