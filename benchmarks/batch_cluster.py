"""A standalone cluster of Spark on this machine: one master, two workers of one core each."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

HOME = "127.0.0.1"
SETTINGS = {
    "spark.driver.bindAddress": HOME,
    "spark.driver.host": HOME,
    "spark.driver.memory": "1g",
    "spark.driver.maxResultSize": "1g",
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.sql.shuffle.partitions": "8",
}
_WAIT_SECONDS = 60.0
_PLACE = ("--host", HOME, "--webui-port", "0")
_CLASSES = "org.apache.spark.deploy"


@contextmanager
def running() -> Iterator[str]:
    """Yields the address of the master once both workers have come to it."""
    started: list[subprocess.Popen[str]] = []
    try:
        master = _start(
            f"{_CLASSES}.master.Master", "--host", HOME, "--port", "0", "--webui-port", "0"
        )
        started.append(master)
        address = _said(master, r"Starting Spark master at (spark://\S+)")
        for _ in range(2):
            worker = (
                "--host",
                HOME,
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                "0",
                address,
            )
            started.append(_start(f"{_CLASSES}.worker.Worker", *worker))
            _said(started[-1], "Successfully registered with master")
        yield address
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _start(name: str, *arguments: str) -> "subprocess.Popen[str]":
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    return subprocess.Popen(
        [str(program), name, *arguments],
        env={**os.environ, "SPARK_LOCAL_IP": HOME, "PYSPARK_PYTHON": sys.executable},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def _said(process: "subprocess.Popen[str]", pattern: str) -> str:
    """What the process says in its log; a thread of nobody reads on, so the pipe may not fill."""
    assert process.stderr is not None
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        line = process.stderr.readline()
        if found := re.search(pattern, line):
            return found.group(found.lastindex or 0)
        if not line:
            break
    raise RuntimeError(f"Spark did not say {pattern!r}")
