"""The failure webhook, against a small server on this machine."""

import datetime as dt
import http.server
import json
import threading

import pytest

from orchestration.errors import StrataError
from orchestration.runs import alerts

FAILED_AT = dt.datetime(2026, 3, 1, 5, 0, tzinfo=dt.UTC)


def post(variable="STRATA_TEST_WEBHOOK"):
    return alerts.post_alert(
        variable,
        run_id="0123456789",
        day="2026-02-28",
        cause="orders: too many",
        failed_at=FAILED_AT,
    )


@pytest.fixture
def webhook(monkeypatch):
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STRATA_TEST_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    server.server_close()


def test_an_alert_names_day_run_and_cause(webhook):
    assert post() is True
    assert webhook == [
        {
            "text": "Strata: 2026-02-28 failed at 2026-03-01 05:00 UTC (run 01234567):"
            " orders: too many"
        }
    ]


def test_without_an_address_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("STRATA_TEST_WEBHOOK", raising=False)
    assert post() is False


def test_an_address_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("STRATA_TEST_WEBHOOK", "file:///etc/passwd")
    with pytest.raises(StrataError, match="begins with http"):
        post()


def test_an_unreachable_address_is_one_line_without_the_address(monkeypatch):
    monkeypatch.setenv("STRATA_TEST_WEBHOOK", "http://127.0.0.1:9/secret")
    monkeypatch.setattr(alerts._post.retry, "sleep", lambda seconds: None)
    with pytest.raises(StrataError) as raised:
        post()
    assert str(raised.value) == "STRATA_TEST_WEBHOOK: the webhook can't be reached"
