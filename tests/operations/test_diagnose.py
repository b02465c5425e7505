from __future__ import annotations

from typing import Any

import pytest

from django_gemafu.operations.diagnose import diagnose
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver
from tests.operations.diagnosis.findings import codes

pytestmark = pytest.mark.django_db


def test_offline(receiver: Receiver) -> None:
    found = codes(diagnose(offline=True))

    assert {"receivers", "orders", "notifications"} <= set(found)
    assert not {"gateway", "clock", "site", "notify"} & {code.split(".")[0] for code in found}


@pytest.mark.django_db(transaction=True)
def test_online(gemafu_sandbox: Sandbox) -> None:
    assert {"gateway", "clock", "site.local", "notify"} <= set(codes(diagnose()))


def test_system_checks_speak(settings: Any) -> None:
    settings.GEMAFU = {}
    settings.SILENCED_SYSTEM_CHECKS = ["django_gemafu.W009", "django_gemafu.W008"]

    levels = {finding.code: finding.level for finding in diagnose(offline=True)}

    assert levels["django_gemafu.E001"] == "problem"
    assert levels["django_gemafu.W010"] == "warning"
    assert "receivers" not in levels
    assert "django_gemafu.W008" not in levels


@pytest.mark.parametrize("installed", [True, False])
def test_debug(settings: Any, installed: bool, receiver: Receiver) -> None:
    settings.DEBUG = True
    if not installed:
        settings.ROOT_URLCONF = "tests.urls_of_a_shop"
        settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "box" not in app]

    finding = diagnose(offline=True)[0]

    assert finding.code == "settings.debug"
    assert ("sandbox is installed" in finding.title) == installed


def test_a_good_project(settings: Any, receiver: Receiver) -> None:
    settings.ROOT_URLCONF = "tests.urls_of_a_shop"
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "box" not in app]

    assert codes(diagnose(offline=True))[:2] == ["settings", "receivers"]


def test_a_missing_setting_stops_nothing_else(settings: Any) -> None:
    settings.GEMAFU = {**settings.GEMAFU, "SITE_URL": None}

    found = {finding.code: finding for finding in diagnose()}

    assert "GEMAFU_SITE_URL" in found["site.unexamined"].detail
    assert {"gateway.silent", "orders"} <= set(found)


def test_an_unforeseen_error_keeps_its_words_to_the_log(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ROOT_URLCONF = "tests.no_such_module"

    finding = diagnose(offline=True)[0]

    assert finding.code == "settings.unexamined"
    assert finding.detail == "ModuleNotFoundError; the traceback is in the log."
    assert "no_such_module" in caplog.text
