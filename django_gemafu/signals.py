"""The signals that tell the shop of its money."""

from __future__ import annotations

from django.dispatch import Signal

payment_succeeded = Signal()
"""An order was paid. Sent with ``sender=Order``, ``order`` (:class:`~django_gemafu.models.Order`)
and ``payment`` (the accepted :class:`~django_gemafu.models.Payment`).

The contract of a receiver::

    @receiver(payment_succeeded)
    def ship(sender, order, payment, **kwargs):
        Purchase.objects.filter(reference=order.reference).update(paid=True)

- **It runs inside a database transaction.** What it writes to the orders' database commits together
  with the mark that the order was delivered, or not at all. So those writes happen exactly once,
  however often the gateway repeats itself, and whatever crashes.
- **To fail, raise.** The order stays paid and undelivered, with the traceback in its story, and
  is delivered again: on the gateway's next notification, on a check, or from the admin. All
  receivers run again then; what they wrote in the failed attempt is gone.
- **Effects outside the database are at least once** when the receiver brings them about itself: a
  call to another service may happen although the transaction fails afterwards, and then again.
  Give it an idempotency key: ``order.token`` fits. Started from ``transaction.on_commit`` they
  happen at most once: a crash right after the commit loses them, and nobody calls again. For what
  must happen exactly once, write a row here, and let a worker of yours work it off.
- **Be quick.** The order's row is locked meanwhile, and the gateway waits for its answer.
- The payment may have come late (``payment.is_late``): the order had expired, and what was kept
  for it may be gone. The money was taken all the same; what to do now is the shop's decision.
- ``order.body`` is what was given to ``place_order``, ``payment.amount_fen`` may be ``None``:
  when the gateway said "paid" to a question, it does not tell the amount.
"""

refund_recorded = Signal()
"""A person recorded that money was given back. Sent with ``sender=Order``, ``order``
(:class:`~django_gemafu.models.Order`) and ``refund`` (:class:`~django_gemafu.models.Refund`).

It may be a part of what was received, and there may be several for an order;
``order.refundable_fen()`` says how much has not been given back. The order stays ``paid``.

The contract of a receiver is that of :data:`payment_succeeded` but for one thing. It runs inside
the transaction that stores the refund: what it writes and the refund commit together or not at
all. To fail, raise: then **nothing is recorded**, the attempt and the traceback are in the order's
story, and the person who was recording it is told, and can try again.
"""
