"""What the environment says, as typed values; every error is a sentence.

Nothing else in the project reads `os.environ`.
"""

import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ

from leadline.config import logs

DEFAULT_BASE_URL = "http://127.0.0.1:8000"
ENGINES = ("duckdb", "spark")


class EnvironmentProblem(Exception):
    """A setting is missing or makes no sense. The text says which, and what to do."""


@dataclass(frozen=True)
class Environment:
    """Everything that may be set from outside.

    `database` is a Django DATABASES entry; `email` Django's EMAIL_* settings, or None: mails
    then land in `data/outbox`. `backups` is the folder in which backups stand, `lake` the folder or
    fsspec address of the lake, `engine` what reads it, `spark_master` where Spark runs.
    """

    data: Path
    backups: Path
    lake: str
    engine: str
    spark_master: str
    secret_key: str
    debug: bool
    base_url: str
    database: dict[str, object]
    email: dict[str, object] | None
    log_json: bool
    log_level: str
    trusted_proxy_count: int
    secure_cookies: bool

    @property
    def is_sqlite(self) -> bool:
        return self.database["ENGINE"] == "django.db.backends.sqlite3"


def data_folder() -> Path:
    """The folder that everything is in; raises EnvironmentProblem."""
    return _folder("LEADLINE_DATA", default=Path("data"))


def set_data_folder(path: Path) -> None:
    """For the command line's `--data`: this process and its children use the folder."""
    os.environ["LEADLINE_DATA"] = str(path.expanduser().resolve())


def has_secret_key() -> bool:
    """Is there a key already, in the environment or in the data folder?"""
    return bool(os.environ.get("LEADLINE_SECRET_KEY")) or (data_folder() / "secret_key").exists()


def set_default_base_url(url: str) -> None:
    """The address that links are made with, unless the environment names the public one."""
    if not os.environ.get("LEADLINE_BASE_URL"):
        os.environ["LEADLINE_BASE_URL"] = url


def prepare_data_folder() -> Path:
    """Create the data folder and the secret key in it, if they are not there yet."""
    folder = data_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(folder / "secret_key", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return folder
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return folder


def read() -> Environment:
    """Read the environment. Raises EnvironmentProblem with a sentence when something is off."""
    folder = data_folder()
    base_url = _base_url()
    return Environment(
        data=folder,
        backups=_folder("LEADLINE_BACKUPS", default=folder / "backups"),
        lake=_lake(folder),
        engine=_engine(),
        spark_master=_spark_master(),
        secret_key=_secret_key(folder),
        debug=_flag("LEADLINE_DEBUG"),
        base_url=base_url,
        database=_database(folder),
        email=_email(),
        log_json=_flag("LEADLINE_LOG_JSON"),
        log_level=_log_level(),
        trusted_proxy_count=_count("LEADLINE_TRUSTED_PROXIES"),
        secure_cookies=base_url.startswith("https://"),
    )


def _folder(name: str, *, default: Path) -> Path:
    named = os.environ.get(name, "")
    try:
        folder = (Path(named).expanduser() if named else default).resolve()
    except RuntimeError:  # ~somebody whom this machine does not know, or links in a circle
        raise EnvironmentProblem(f"{name} is {named!r}; there is no such home folder.") from None
    if folder.exists() and not folder.is_dir():
        raise EnvironmentProblem(f"{name} is {named!r}; that is a file, name a folder.")
    return folder


def _lake(folder: Path) -> str:
    """An address with a scheme as it stands; a path made absolute."""
    named = os.environ.get("LEADLINE_LAKE", "")
    if "://" in named:
        return named.rstrip("/")
    return str(_folder("LEADLINE_LAKE", default=folder / "lake"))


def _engine() -> str:
    engine = os.environ.get("LEADLINE_ENGINE") or ENGINES[0]
    if engine not in ENGINES:
        raise EnvironmentProblem(f"LEADLINE_ENGINE is {engine!r}; say {' or '.join(ENGINES)}.")
    return engine


def _spark_master() -> str:
    master = os.environ.get("LEADLINE_SPARK_MASTER") or "local[*]"
    if not re.fullmatch(r"local(\[[0-9*, ]+\])?|yarn|(spark|k8s)://\S+", master):
        raise EnvironmentProblem(
            f"LEADLINE_SPARK_MASTER is {master!r};"
            " say local[2], spark://host:7077, k8s://… or yarn."
        )
    return master


def _base_url() -> str:
    base_url = (os.environ.get("LEADLINE_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
    problem = (
        f"LEADLINE_BASE_URL is {base_url!r}; it must begin with http:// or https:// "
        "and name a host, like https://leads.example.com."
    )
    parts = _parts(base_url, problem=problem)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EnvironmentProblem(problem)
    return base_url


def _parts(url: str, *, problem: str) -> SplitResult:
    """The parts of an address whose port, if there is one, is a port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise EnvironmentProblem(problem) from None
    return parts


def _log_level() -> str:
    level = os.environ.get("LEADLINE_LOG_LEVEL", "").upper() or "INFO"
    if level not in logs.LEVELS:
        raise EnvironmentProblem(
            f"LEADLINE_LOG_LEVEL is {level!r}; say one of {', '.join(logs.LEVELS)}."
        )
    return level


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "0", "no", "false", "off"):
        return False
    if value in ("1", "yes", "true", "on"):
        return True
    raise EnvironmentProblem(f"{name} is {value!r}; say 1 or 0.")


def _count(name: str) -> int:
    value = os.environ.get(name) or "0"
    if not value.isdecimal() or not value.isascii() or int(value) > 9:
        raise EnvironmentProblem(f"{name} is {value!r}; say how many proxies stand in front (0-9).")
    return int(value)


def _secret_key(folder: Path) -> str:
    key = os.environ.get("LEADLINE_SECRET_KEY", "")
    if not key:
        try:
            key = (folder / "secret_key").read_text().strip()
        except FileNotFoundError:
            raise EnvironmentProblem(
                f"There is no secret key in {folder}. Run `leadline setup --data {folder}`, "
                "or set LEADLINE_SECRET_KEY."
            ) from None
        except (OSError, UnicodeDecodeError):
            raise EnvironmentProblem(
                f"The secret key in {folder / 'secret_key'} cannot be read; give this user the "
                "right, bring the file back from a backup, or set LEADLINE_SECRET_KEY."
            ) from None
    if len(key) < 32:
        raise EnvironmentProblem("The secret key is shorter than 32 characters; make a new one.")
    return key


def base_url() -> str:
    """The address that links are made with; raises EnvironmentProblem."""
    return _base_url()


def database() -> dict[str, object]:
    """The DATABASES entry, for whoever needs no more than that: a folder without a key has one."""
    return _database(data_folder())


def _database(folder: Path) -> dict[str, object]:
    url = os.environ.get("LEADLINE_DATABASE_URL", "")
    if not url:
        return sqlite_database(folder / "leadline.sqlite3")
    return postgres_database(url)


def postgres_database(url: str) -> dict[str, object]:
    """The DATABASES entry for a `postgres://` address; raises EnvironmentProblem."""
    # The address holds a password: no sentence shows it.
    problem = (
        "LEADLINE_DATABASE_URL must look like postgres://user:password@host:5432/name "
        "(leave it empty for the embedded SQLite)."
    )
    if _parts(url, problem=problem).scheme not in ("postgres", "postgresql"):
        raise EnvironmentProblem(problem)
    parsed = _parsed(url, environ.Env.db_url_config, problem=problem)
    if not parsed["NAME"]:
        raise EnvironmentProblem(problem)
    return {
        **parsed,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**parsed.get("OPTIONS", {}), "application_name": "leadline"},
    }


def _parsed(
    url: str, parse: Callable[[str], dict[str, Any]], *, problem: str
) -> dict[str, Any]:  # Any: Django's own settings
    try:
        return parse(url)
    except (ValueError, environ.ImproperlyConfigured):
        raise EnvironmentProblem(problem) from None


def sqlite_database(path: Path) -> dict[str, object]:
    """The DATABASES entry for an embedded database: durable commits, one writer at a time."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                "PRAGMA mmap_size=0; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
                # Fewer, larger checkpoints: pages that many passes touch are copied once.
                "PRAGMA wal_autocheckpoint=8000;"
            ),
        },
    }


def _email() -> dict[str, object] | None:
    url = os.environ.get("LEADLINE_EMAIL_URL", "")
    if not url:
        return None
    problem = "LEADLINE_EMAIL_URL must look like smtp+tls://user:password@host:587."
    parts = _parts(url, problem=problem)
    if parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not parts.hostname:
        raise EnvironmentProblem(problem)
    return _parsed(url, environ.Env.email_url_config, problem=problem)
