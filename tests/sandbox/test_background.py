from __future__ import annotations

import logging
import threading

import pytest
from django.db import OperationalError, connection

from django_gemafu.sandbox import background
from django_gemafu.sandbox.background import Background, database_step


def test_waiting_ends_with_the_work() -> None:
    work = Background()
    go, done = threading.Event(), threading.Event()

    def wait_and_finish(_abandoned: threading.Event) -> None:
        go.wait(5)
        done.set()

    work.start(wait_and_finish)
    with pytest.raises(TimeoutError, match="1 threads still run"):
        work.wait_until_idle(0.01)
    go.set()
    work.wait_until_idle(5)
    assert done.is_set()


def test_abandoned_work_ends_and_later_work_does_not() -> None:
    work = Background()
    ended = []
    work.start(lambda abandoned: ended.append(abandoned.wait(5)))
    work.abandon(5)
    work.start(lambda abandoned: ended.append(abandoned.wait(0.01)))
    work.wait_until_idle(5)
    assert ended == [True, False]


def test_failure_is_logged_and_waits_for_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_abandoned: threading.Event) -> None:
        raise RuntimeError("on purpose")

    work = Background()
    with caplog.at_level(logging.ERROR):
        work.start(fail)
        work.wait_until_idle(5)
    assert "The sandbox failed in the background." in caplog.text
    assert "on purpose" in caplog.text


class TestDatabaseStep:
    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(background, "_LOCK_PAUSES_SECONDS", (0.001, 0.001))

    @pytest.mark.parametrize("failures", [0, 1, 2])
    def test_tries_again_while_locked(self, failures: int) -> None:
        left = [OperationalError("database is locked")] * failures

        @database_step
        def step() -> str:
            if left:
                raise left.pop()
            return "done"

        assert self.in_thread(step) == "done"

    def test_gives_up(self) -> None:
        @database_step
        def step() -> str:
            raise OperationalError("database is locked")

        assert isinstance(self.in_thread(step), OperationalError)

    @pytest.mark.usefixtures("background_db")
    def test_leaves_no_connection_behind(self) -> None:
        @database_step
        def step() -> str:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return "done"

        def step_and_look() -> object:
            step()
            return connection.connection

        assert self.in_thread(step_and_look) is None

    def in_thread(self, function: object) -> object:
        result: list[object] = []

        def run() -> None:
            try:
                result.append(function())  # type: ignore[operator]
            except OperationalError as error:
                result.append(error)

        # A thread of its own: a step closes the connections, and the test's is not its to close.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return result[0]
