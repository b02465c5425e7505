"""Let a notification go wrong at each of its points in turn, and say what is wrong afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django_gemafu.enums import EventKind
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.shop import Gateway, Shop

AFTER_THE_ANSWER = "after the answer"


class Trial:
    """One order, and the notification that it is paid."""

    def __init__(self, shop: Shop, order: Order) -> None:
        self.shop = shop
        self.order = order
        self.message = notification(order)
        self.gateway = Gateway(shop, order, self.message)

    def die(self, points: Sequence[str], *, accepted: bool = True) -> list[str]:
        """Kill the worker at the last of the points; return what is wrong then.

        ``accepted`` says whether the answer is 200 if the worker lives long enough to give it.
        """
        worker = self.shop.worker
        self.shop.plan("die", at=len(points))
        outcome = self.gateway.send()
        found = []
        if self.shop.wait_for_death(worker) != [*points]:
            found.append("it took another way than the undisturbed one")
        if outcome.is_accepted != (accepted and points[-1] == AFTER_THE_ANSWER):
            found.append(f"the gateway saw {outcome}")
        if outcome.is_accepted:
            found += shortcomings(self.order, self.message)
        return found + contradictions(self.order)

    def retry(self) -> list[str]:
        """Let the gateway come again until it hears 200; return what is wrong then."""
        found = []
        if not self.gateway.send_until_accepted().is_accepted:
            found.append("the gateway's retries were not accepted")
        return found + shortcomings(self.order, self.message)

    def happy_story(self) -> list[str]:
        """Return the story without the failures, which are told as often as they were seen."""
        failures = (EventKind.DELIVERY_FAILED, EventKind.AFTERMATH_FAILED)
        return [kind for kind in story(self.order) if kind not in failures]


def warm(shop: Shop) -> None:
    """Serve a request: a worker's first may pass more points, for MariaDB is asked what it can."""
    assert Gateway(shop, make_order()).send_until_accepted().is_accepted
    shop.points()


def undisturbed(shop: Shop, order: Order) -> tuple[list[str], list[str]]:
    """Let a notification pass; return the points that it passed, and the order's story."""
    warm(shop)
    trial = Trial(shop, order)
    assert trial.gateway.send().is_accepted
    assert shortcomings(order, trial.message) == []
    return shop.points(), story(order)


def each(points: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield, for a death at each of the points, those that are passed until then."""
    return (points[:at] for at in range(1, len(points) + 1))


def moments(points: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the same as :func:`each`, but between two statements only once: whether the death is
    called one after the first or one before the second makes no difference to the database.
    """
    for passed, following in zip(each(points), [*points[1:], ""], strict=True):
        if not (passed[-1].startswith("after ") and following.startswith("before ")):
            yield passed


def wrong_after_deaths(
    deaths: Iterable[Sequence[str]],
    trial_of: Callable[[], Trial],
    expected: Sequence[str],
    *,
    accepted: bool = True,
) -> dict[str, str]:
    """Let the worker die once in each trial; return what is wrong, where something is."""
    wrong = {}
    for passed in deaths:
        trial = trial_of()
        found = trial.die(passed, accepted=accepted) + trial.retry()
        if trial.happy_story() != expected:
            found.append(f"another story: {story(trial.order)}")
        if found:
            wrong[f"{len(passed)} {passed[-1]}"] = "; ".join(found)
    return wrong
