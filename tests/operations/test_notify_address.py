from __future__ import annotations

from uuid import uuid4

from django_gemafu.operations.notify_address import is_genuine, notify_url


def test_the_address_is_absolute_and_holds_its_proof() -> None:
    token = uuid4()

    address = notify_url(token)

    assert address.startswith(f"https://shop.example/pay/{token}/notify/")
    assert is_genuine(token, address.rstrip("/").rpartition("/")[2])
