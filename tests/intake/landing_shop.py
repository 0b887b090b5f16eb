"""Files in a landing folder, an intake of them, and what it left."""

import hashlib
import hmac
from pathlib import Path

import duckdb

from orchestration.intake.raw_files.raw_views import register_raw
from orchestration.intake.take_in import take_in
from orchestration.paths import Home, Project

KEY = "0" * 63 + "1"
KEY_BYTES = bytes.fromhex(KEY)
DATA = Project.here().root.parent / "shared" / "data"
ORDER_HEADER = "source_system,order_id,ordered_at,customer_id,email,status,currency,total_amount\n"


def order(number, customer="1", email="", total="10.00", at="2024-03-01 12:00:00"):
    """A line of an orders file."""
    return f"web,{number},{at},{customer},{email},paid,EUR,{total}\n"


def hmac_text(message):
    """The pseudonym of a message: HMAC-SHA256 under the tests' key, its first 128 bits."""
    return hmac.new(KEY_BYTES, message.encode(), hashlib.sha256).hexdigest()[:32]


def email_pseudonym(address):
    """The pseudonym of a normalised address."""
    return hmac_text(hashlib.sha256(address.encode()).hexdigest())


def customer_pseudonym(number, source="web"):
    """The pseudonym of a customer id."""
    return hmac_text(f"customer\x1f{source}\x1f{number}")


class LandingShop:
    """A landing folder and a home."""

    def __init__(self, folder):
        self.home = Home(folder / "home")
        self.landing = folder / "landing"
        self.landing.mkdir()
        self.max_file_bytes = 50_000_000
        self.memory_limit = "1GB"
        self.said = []

    def put(self, name, content):
        """Write a file into the landing folder."""
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def put_orders(self, *lines, name="orders/a.csv"):
        """Write an orders file."""
        return self.put(name, ORDER_HEADER + "".join(lines))

    def put_map(self, text):
        """Write a map beside the landing folder."""
        path = self.landing.parent / "shop.yml"
        path.write_text(text, encoding="utf-8")
        return path

    def take(self, map_path=None, retake=False):
        """Take in what is new."""
        return take_in(
            self.home,
            self.landing,
            map_path=map_path,
            guest_ids=Project.here().config_tables / "guest_ids.csv",
            blocked_identifiers=Project.here().config_tables / "blocked_identifiers.csv",
            max_file_bytes=self.max_file_bytes,
            memory_limit=self.memory_limit,
            retake=retake,
            progress=self.said.append,
        )

    def query(self, sql, intake_seq=2**60):
        """Rows of a query over schemas raw and control."""
        with duckdb.connect() as connection:
            register_raw(connection, self.home, intake_seq)
            return connection.execute(sql).fetchall()

    def orders(self, columns="order_id"):
        """Columns of all orders; a list of values where one column is asked for."""
        rows = self.query(f"select {columns} from raw.orders order by order_id, arrival_seq")
        return [row[0] for row in rows] if "," not in columns else rows

    def rejects(self):
        """(file_name, row_number, column_name, reason_code) of all rejected rows."""
        return self.query(
            "select file_name, row_number, column_name, reason_code from control.intake_rejects"
            " order by all"
        )

    def counts(self):
        """(file, rows in, accepted, duplicate, rejected, erased) of every delivery."""
        return self.query(
            "select file_name, row_count, accepted_row_count, duplicate_row_count,"
            " rejected_row_count, erased_row_count from control.deliveries order by arrival_seq"
        )

    def vault(self):
        """All pairs of the vault."""
        paths = sorted(str(path) for path in self.home.vault.rglob("*.parquet"))
        if not paths:
            return []
        return duckdb.execute(
            "select distinct kind, source_system, pseudonym, clear_value from read_parquet(?)"
            " order by all",
            [paths],
        ).fetchall()

    def everything_kept(self):
        """Every byte of the home without key and vault, and every cell of raw, as one text."""
        text = []
        for path in sorted(Path(self.home.root).rglob("*")):
            if path.is_file() and self.home.vault not in path.parents:
                text.append(path.read_bytes().decode("latin-1"))
                if path.suffix == ".parquet":
                    rows = duckdb.execute("from read_parquet(?)", [str(path)]).fetchall()
                    text.append(repr(rows))
        return "\n".join(text)
