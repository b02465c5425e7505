from __future__ import annotations

import pytest
from django.db import transaction

from django_gemafu.exceptions import TransactionOpen
from django_gemafu.operations.transactions import require_no_transaction


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_is_named_with_what_to_do() -> None:
    require_no_transaction()
    with transaction.atomic(), pytest.raises(TransactionOpen, match="non_atomic_requests"):
        require_no_transaction()
