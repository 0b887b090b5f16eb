"""One line to a webhook when a run has failed."""

from __future__ import annotations

import datetime as dt
import json
import os
import urllib.request

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from orchestration.errors import StrataError


@retry(
    retry=retry_if_exception_type(OSError),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=1, max=10),
    reraise=True,
)
def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def post_alert(
    url_variable: str, *, run_id: str, day: str, cause: str, failed_at: dt.datetime
) -> bool:
    """Post `{"text": ...}`, the form that chat tools take.

    Args:
        url_variable: the environment variable that holds the address.
        run_id: Dagster's id of the run.
        day: the as-of day.
        cause: one line, without a value from any row.
        failed_at: an aware instant.

    Returns:
        Whether a message was sent; False where the variable is not set.

    Raises:
        StrataError: the address is no http(s) address, or can't be reached.
    """
    url = os.environ.get(url_variable, "")
    if not url:
        return False
    if not url.startswith(("http://", "https://")):
        raise StrataError(f"{url_variable}: expected an address that begins with http")
    stamp = failed_at.strftime("%Y-%m-%d %H:%M UTC")
    text = f"Strata: {day or 'a run'} failed at {stamp} (run {run_id[:8]}): {cause}"
    try:
        _post(url, json.dumps({"text": text}).encode())
    except OSError as error:
        raise StrataError(f"{url_variable}: the webhook can't be reached") from error
    return True
