"""What is wrong with the environment is said in one sentence, by every command, and never more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leadline.config import environment

PASSWORD = "correct-horse-battery"

BAD = [
    ("LEADLINE_LOG_LEVEL", "LOUD"),
    ("LEADLINE_LOG_LEVEL", "10"),
    ("LEADLINE_LOG_JSON", "maybe"),
    ("LEADLINE_DEBUG", "2"),
    ("LEADLINE_TRUSTED_PROXIES", "-1"),
    ("LEADLINE_TRUSTED_PROXIES", "many"),
    ("LEADLINE_BASE_URL", "leads.example.com"),
    ("LEADLINE_BASE_URL", "https://"),
    ("LEADLINE_BASE_URL", "https://leads.example.com:http"),
    ("LEADLINE_BASE_URL", "https://[::1"),
    ("LEADLINE_DATABASE_URL", f"mysql://u:{PASSWORD}@host/name"),
    ("LEADLINE_DATABASE_URL", f"postgres://u:{PASSWORD}@host:abc/name"),
    ("LEADLINE_DATABASE_URL", f"postgres://u:{PASSWORD}@[::1/name"),
    ("LEADLINE_DATABASE_URL", f"postgres://u:{PASSWORD}@host"),
    ("LEADLINE_EMAIL_URL", "mail.example.com"),
    ("LEADLINE_EMAIL_URL", f"smtp://u:{PASSWORD}@"),
    ("LEADLINE_EMAIL_URL", f"smtp+tls://u:{PASSWORD}@host:abc"),
    ("LEADLINE_SECRET_KEY", "short"),
    ("LEADLINE_DATA", "~nobody-of-this-name/data"),
    ("LEADLINE_DATA", __file__),
    ("LEADLINE_BACKUPS", "~nobody-of-this-name/data"),
    ("LEADLINE_BACKUPS", __file__),
    ("LEADLINE_ENGINE", "polars"),
    ("LEADLINE_LAKE", "~nobody-of-this-name/lake"),
    ("LEADLINE_SPARK_MASTER", "the other machine"),
]
names = [f"{name}={value[:24]}".replace("/", "") for name, value in BAD]


def clean(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
    return {**own, "LEADLINE_DATA": str(folder), "LEADLINE_SECRET_KEY": "k" * 40}


@pytest.mark.parametrize("command", ["serve", "doctor"])
@pytest.mark.parametrize(("name", "value"), BAD, ids=names)
def test_a_bad_value_is_refused_in_one_sentence_that_names_the_variable(
    tmp_path: Path, command: str, name: str, value: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leadline", command],
        capture_output=True, text=True, check=False, timeout=60,
        env={**clean(tmp_path), name: value},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("leadline: ")
    assert name in done.stderr or name == "LEADLINE_SECRET_KEY"
    assert PASSWORD not in done.stderr


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_a_key_file_that_is_no_key_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "secret_key").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "leadline", "serve"],
        capture_output=True, text=True, check=False, timeout=60,
        env={**clean(tmp_path), "LEADLINE_SECRET_KEY": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "secret key" in done.stderr


def test_every_variable_has_a_bad_value_in_this_test() -> None:
    source = Path(environment.__file__).read_text()
    known = {part.split('"')[0] for part in source.split('"')[1::2] if part.startswith("LEADLINE_")}
    known = {name for name in known if name.replace("_", "").isalpha()}
    assert known == {name for name, _ in BAD}


def test_a_variable_that_is_set_to_nothing_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {name for name, _ in BAD} - {"LEADLINE_DATA", "LEADLINE_SECRET_KEY"}:
        monkeypatch.setenv(name, "")
    found = environment.read()
    assert found.base_url == environment.DEFAULT_BASE_URL
    assert (found.log_level, found.trusted_proxy_count) == ("INFO", 0)
    assert found.email is None
    assert found.backups == found.data / "backups"
    environment.set_default_base_url("http://127.0.0.1:9000")
    assert environment.read().base_url == "http://127.0.0.1:9000"
