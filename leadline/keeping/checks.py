"""What surrounds the data: address, HTTPS, proxy, clock, disk, database, mail, last backup.

Each check is one sentence: what was found when it is well, else what to do about it.
"""

import ctypes
import json
import shutil
import smtplib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.db import connection
from django.db.models import Max

from leadline.activities import files
from leadline.analytics import client, freshness, shadow
from leadline.analytics.client import AnalystError
from leadline.capture.models import Submission
from leadline.delivery import senders
from leadline.keeping import backups, condition, shelf
from leadline.lib import http_client, web_address

_OLDEST_POSTGRES = 150_000
_FREE_AT_LEAST = 1024 * 1024 * 1024
_LAKE_AT_MOST = timedelta(hours=48)  # every night all scores are compared out of it
_LAKE_PATIENCE_S = 120.0  # every file is read once
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    is_well: bool
    sentence: str


def all_of_them(now: datetime) -> list[Check]:
    """Every check, in the order in which an installation is built up. Takes up to 25 s when the
    network does not answer."""
    return [check(now) for check in _CHECKS]


def address(_now: datetime) -> Check:
    """Does the public address lead here?"""
    url: str = settings.ENVIRONMENT.base_url
    if web_address.is_this_computer(url):
        return _todo("address", f"Only this machine reaches {url}: set LEADLINE_BASE_URL.")
    try:
        answer = http_client.send(
            "GET", f"{url}/healthz", headers={}, allow_private=True, total_seconds=8,
            extra_ports=[port] if (port := urlsplit(url).port) else (),
        )  # fmt: skip
    except (http_client.NotAllowed, http_client.NoAnswer) as problem:
        return _todo("address", f"{url} does not answer ({problem}): check DNS, firewall, proxy.")
    if not (answer.is_success and _says_ok(answer.body)):
        return _todo("address", f"{url} is answered by something else: point the proxy here.")
    return Check("address", True, f"{url} leads here.")


def https(_now: datetime) -> Check:
    """Do sessions and passwords travel encrypted?"""
    url: str = settings.ENVIRONMENT.base_url
    if url.startswith("https://"):
        return Check("https", True, "Cookies are sent over HTTPS only.")
    if web_address.is_this_computer(url):
        return Check("https", True, "Not needed on this machine alone.")
    return _todo("https", "Passwords travel in the clear: put Caddy in front (docs/deploy.md).")


def proxy(_now: datetime) -> Check:
    """Is it known how many proxies add the visitor's address?"""
    count: int = settings.ENVIRONMENT.trusted_proxy_count
    if settings.ENVIRONMENT.base_url.startswith("https://") and count == 0:
        return _todo(
            "proxy", "Every visitor seems to be the proxy: set LEADLINE_TRUSTED_PROXIES=1."
        )
    return Check("proxy", True, f"{count} trusted.")


def machine_clock(now: datetime) -> Check:
    """Is the clock kept right, and not behind what has been stored already?"""
    newest = Submission.objects.aggregate(at=Max("known_at"))["at"]
    if newest is not None and newest > now:
        return _todo("clock", f"The clock is behind what was stored ({newest:%F %T} UTC): set it.")
    if _is_unsynchronised():
        return _todo("clock", "Nothing keeps the clock right: apt-get install systemd-timesyncd.")
    return Check("clock", True, f"{now:%F %T} UTC.")


def disk(_now: datetime) -> Check:
    """Is there room for the next backup and a while of data?"""
    free = shutil.disk_usage(settings.ENVIRONMENT.data).free
    needed = max(_FREE_AT_LEAST, 2 * backups.live_size_bytes())
    found = f"{free / 2**30:.1f} GB free"
    if free < needed:
        return _todo("disk", f"{found}, {needed / 2**30:.1f} GB are needed: free some, or grow it.")
    return Check("disk", True, f"{found}.")


def database(_now: datetime) -> Check:
    """Is the server new enough, and may backups be proven on it?"""
    if connection.vendor == "sqlite":
        return Check("database", True, "The embedded SQLite.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
            " (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user)"
        )
        version, encoding, may_create = cursor.fetchone() or (0, "", False)
    if version < _OLDEST_POSTGRES:
        return _todo("database", f"PostgreSQL {version // 10_000} is too old: 15 or newer.")
    if encoding != "UTF8":
        return _todo("database", f"It is in {encoding}: move to one made with --encoding=UTF8.")
    if missing := [name for name in ("pg_dump", "pg_restore", "psql") if not shutil.which(name)]:
        return _todo("database", f"{missing[0]} is missing: apt-get install postgresql-client.")
    if not may_create:
        return _todo("database", "Backups cannot be opened to prove them: ALTER ROLE … CREATEDB.")
    return Check("database", True, f"PostgreSQL {version // 10_000}.")


def mail_server(_now: datetime) -> Check:
    """Does the mail server take us in, and has a test arrived?"""
    if settings.ENVIRONMENT.email is None:
        return _todo("mail", "Messages only land in the folder outbox: set LEADLINE_EMAIL_URL.")
    backend = mail.get_connection()
    try:
        backend.open()
        backend.close()
    except (smtplib.SMTPException, OSError) as problem:
        return _todo("mail", f"The mail server refuses ({problem}): check LEADLINE_EMAIL_URL.")
    if senders.current().tested_at is None:
        return _todo("mail", "No test has been sent: Settings, Sending, Send a test.")
    return Check("mail", True, "The mail server takes us in, and a test was sent.")


def stored_files(_now: datetime) -> Check:
    """Is every file that somebody put with a lead where it should be?"""
    gone = len(files.missing())
    if gone:
        return _todo("files", f"Missing in media/files: {gone}. Get them from a backup.")
    return Check("files", True, "Every file of a lead is there.")


def last_backup(now: datetime) -> Check:
    """Is there a good backup of the last two days?"""
    last = shelf.newest(Path(settings.ENVIRONMENT.backups))
    if last is None or condition.is_backup_late(last, now=now):
        if last is None:
            why = "after the first night: look why the nightly one fails"
            return _todo("backup", f"There is none: run `leadline backup` ({why}).")
        made = f"The last is of {last.manifest.made_at:%F}"
        return _todo("backup", f"{made}: run `leadline backup`, look why the nightly one fails.")
    return Check("backup", True, f"{last.manifest.made_at:%F %R} UTC in {last.folder.parent}.")


def lake(now: datetime) -> Check:
    """Is what reports, backtests and checks of scores read whole, and how fresh is it?"""
    found = freshness.current()
    if found is None:
        return Check("lake", True, "There is none yet; the first question makes it.")
    try:
        answer = client.ask("lake_check", timeout_s=_LAKE_PATIENCE_S)
    except AnalystError as problem:
        return _todo("lake", str(problem))
    if not answer["files"]:
        return Check("lake", True, "Its files are gone; the next question makes them anew.")
    minutes = max(0, round((now - found.refreshed_at).total_seconds() / 60))
    size = f"{found.row_count:,} rows, {found.size_bytes / 1_000_000:,.1f} MB"
    if now - found.refreshed_at > _LAKE_AT_MOST:
        return _todo("lake", f"{size}, {minutes // 60:,} hours old: leadline lake refresh")
    return Check("lake", True, f"{size}, of {minutes:,} minutes ago.")


def scores(now: datetime) -> Check:
    """Does batch scoring give what is stored, as of last night?"""
    found = shadow.latest()
    if found is None:
        return Check("scores", True, "Not compared with batch scoring yet; that is done at night.")
    count, instant = found.differing_count, found.as_of.isoformat()
    if count:
        again = f"leadline scores recompute --check --as-of {instant}"
        return _todo("scores", f"{count:,} differ from batch scoring. Which: {again}")
    if shadow.is_late(found, now=now):
        return _todo("scores", f"Not compared since {instant}: look at the jobs that failed.")
    return Check("scores", True, f"{found.lead_count:,} compared as of {instant}, none differs.")


_CHECKS: tuple[Callable[[datetime], Check], ...] = (
    address, https, proxy, machine_clock, disk, database, mail_server, stored_files, last_backup,
    lake, scores,
)  # fmt: skip


def _todo(name: str, sentence: str) -> Check:
    return Check(name, False, sentence)


def _says_ok(body: bytes) -> bool:
    try:
        return bool(json.loads(body) == {"status": "ok"})
    except ValueError:
        return False


def _is_unsynchronised() -> bool:
    """What the kernel says; False where it cannot be asked."""
    if sys.platform != "linux":
        return False
    # struct timex is 208 bytes; all zeroes only asks.
    return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(256)) == _UNSYNCHRONISED)
