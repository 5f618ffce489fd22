"""The analyst on call: started by the first question, killed, too slow, left alone, alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.utils import translation

from leadline.analytics import analyst, client
from leadline.analytics.client import AnalystError, Said
from leadline.lib import local_socket
from leadline.worker import children
from leadline.worker.children import OnCall

ODD = "tests.analytics.odd_analyst"
PATIENCE_SECONDS = 40.0


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, here and in every process that is started."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path)
    monkeypatch.setenv("LEADLINE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def desk(folder: Path) -> Iterator[OnCall]:
    """The supervisor's part: looks after an odd analyst, as it does after web and worker."""
    with local_socket.listening(folder / local_socket.ANALYST) as listener:
        on_call = OnCall(
            "analyst", ODD, (str(listener.fileno()),), keep=(listener.fileno(),), listener=listener
        )
        done = threading.Event()

        def look_after() -> None:
            while not done.wait(0.02):
                on_call.tend()

        thread = threading.Thread(target=look_after)
        thread.start()
        yield on_call
        done.set()
        thread.join()
        on_call.ask_to_end()
        assert on_call.end(deadline=time.monotonic() + PATIENCE_SECONDS)


def ask(question: str, timeout_s: float = PATIENCE_SECONDS, **arguments: object) -> dict[str, Any]:
    return client.ask(question, arguments, timeout_s=timeout_s)


def until_alive(on_call: OnCall) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while on_call.process is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return on_call.process.pid


def test_nobody_is_there_until_somebody_asks_and_then_one_answers_all(desk: OnCall) -> None:
    assert desk.process is None
    first = ask("who")["process"]
    assert desk.process is not None
    assert ask("who")["process"] == first == desk.process.pid


def test_the_answer_is_in_the_language_of_whoever_asks(desk: OnCall) -> None:
    with translation.override("de"):
        assert ask("who")["language"] == "de"


def test_a_question_that_nobody_knows_has_a_sentence_and_harms_nobody(desk: OnCall) -> None:
    first = ask("who")["process"]
    with pytest.raises(AnalystError, match="Nobody knows love") as caught:
        ask("love")
    assert caught.value.permanent
    assert ask("who")["process"] == first


def test_killed_in_the_middle_it_says_so_and_the_next_question_is_answered(desk: OnCall) -> None:
    first = ask("who")["process"]
    threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(AnalystError, match="ended in the middle") as caught:
        ask("slow", seconds=PATIENCE_SECONDS)
    assert not caught.value.permanent
    assert ask("who")["process"] != first


def test_a_question_that_breaks_it_is_not_asked_again_by_itself(desk: OnCall) -> None:
    with pytest.raises(AnalystError, match="ended in the middle"):
        ask("odd")
    assert ask("who")["process"] == until_alive(desk)
    assert desk.crash_count == 1


def test_what_takes_too_long_is_ended_and_the_next_question_is_answered(desk: OnCall) -> None:
    first = ask("who")["process"]
    with pytest.raises(AnalystError, match=r"longer than 0\.5 seconds") as caught:
        _ask_patiently("slow", limit_s=0.5, seconds=PATIENCE_SECONDS)
    assert not caught.value.permanent
    assert ask("who")["process"] != first


def test_getting_ready_takes_as_long_as_it_takes_and_is_kept_for_the_next(desk: OnCall) -> None:
    first = ask("who")["process"]
    with pytest.raises(AnalystError, match=r"no answer within 0 seconds|no answer within 0.2"):
        ask("slow", timeout_s=0.2, before=1.0, seconds=PATIENCE_SECONDS)
    # Whoever asked has gone: the question itself is left out, and nobody was ended.
    assert ask("who")["process"] == first


def test_questions_wait_for_each_other(desk: OnCall) -> None:
    ask("who")
    found: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: found.append(ask("slow", seconds=0.1))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each["process"] for each in found}) == 1
    assert len(found) == 4


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b'{"question": 1}\n', b"\xff\n"])
def test_a_line_that_is_no_question_is_refused(desk: OnCall, folder: Path, line: bytes) -> None:
    connection = local_socket.connected(folder / local_socket.ANALYST, timeout_s=5)
    assert connection is not None
    with connection:
        connection.sendall(line)
        until = time.monotonic() + PATIENCE_SECONDS
        answer = local_socket.read_line(connection, at_most=10_000, until=until)
    assert b"This is no question" in answer


def test_a_question_too_long_to_send_is_refused_here(desk: OnCall) -> None:
    with pytest.raises(AnalystError, match="too long") as caught:
        ask("who", padding="x" * client.LONGEST_QUESTION)
    assert caught.value.permanent
    assert desk.process is None


def test_without_a_server_a_process_is_started_for_the_question(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MODULE", ODD)
    assert ask("who")["process"] not in (os.getpid(), ask("who")["process"])
    with pytest.raises(AnalystError, match="Nobody knows love"):
        ask("love")
    with pytest.raises(AnalystError, match="ended in the middle"):
        ask("odd")


def test_a_second_analyst_on_the_folder_is_refused(desk: OnCall, folder: Path) -> None:
    first = ask("who")["process"]
    second = subprocess.run(
        [sys.executable, "-m", ODD, str(os.getpid()), client.ALONE, "0"],
        capture_output=True, input=b'{"question":"who","arguments":{},"timeout_s":1}\n',
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    said = f"Another analyst works on {folder} (process {first})."
    assert second.stderr.decode().strip() == said
    assert said.encode() in second.stdout


def test_after_some_idle_time_it_ends_and_nobody_calls_that_a_crash(folder: Path) -> None:
    with local_socket.listening(folder / "s") as listener:
        assert analyst.serve(listener, lambda *_: Said(answer={}), idle_s=0.05) == 0
        ended = OnCall("analyst", "no_such", listener=listener)
        ended.process = children.start("this", stdout=subprocess.DEVNULL)  # ends well
        assert ended.process.wait(PATIENCE_SECONDS) == 0
        ended.tend()
        ended.tend()
    assert (ended.process, ended.crash_count) == (None, 0)


def _ask_patiently(question: str, *, limit_s: float, **arguments: object) -> None:
    """A question with a limit that is shorter than the patience of whoever asks."""
    asked = client.Asked(question, dict(arguments), limit_s)
    until = time.monotonic() + PATIENCE_SECONDS
    said = client._answered(
        msgspec.json.encode(asked) + b"\n", settings.ENVIRONMENT.data, until=until
    )
    raise AnalystError(said.problem, permanent=said.permanent)
