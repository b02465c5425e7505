from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Return a function that logs in somebody of the staff, with these permissions alone."""

    def log_in(*codenames: str, name: str = "clerk") -> Client:
        user = User.objects.create_user(name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return log_in
