"""Processes that are measured, or that are measured against."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def slow_gateway() -> Iterator[str]:
    """Run the gateway of benchmarks/gateway.py, and give its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.gateway"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/pay"
    finally:
        process.kill()
        process.wait()


@contextmanager
def gunicorn() -> Iterator[tuple[str, int]]:
    """Serve the shop with one worker, and give its URL and the worker's process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--workers=1", "--log-level=error"),
            *(f"--bind={address}", "benchmarks.requests:application"),
        ]
    )
    try:
        _wait_for(address)
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        with open(children, encoding="ascii") as file:
            yield f"http://{address}", int(file.read().split()[0])
    finally:
        process.terminate()
        process.wait()


def cpu_of(process_id: int) -> float:
    """Return the processor's seconds that a process has had."""
    with open(f"/proc/{process_id}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(200):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("gunicorn did not start")
