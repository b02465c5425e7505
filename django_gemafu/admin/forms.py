"""What a person has to say about an act."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu import money
from django_gemafu.models import Order


class ActForm(forms.Form):
    """``orders`` are those that the act is about; one alone can be asked about in detail."""

    def __init__(self, *args: Any, orders: list[Order], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.orders = orders
        self.is_single = len(orders) == 1
        if not self.is_single:
            for name in self.of_one_alone():
                del self.fields[name]

    def of_one_alone(self) -> list[str]:
        """Name the fields that only make sense for one order."""
        return []


class YuanField(forms.DecimalField):
    """An amount as people write it; cleaned, it is in fen."""

    def __init__(self, **kwargs: Any) -> None:
        fen = Decimal("0.01")
        super().__init__(max_digits=15, decimal_places=2, min_value=fen, step_size=fen, **kwargs)

    def clean(self, value: Any) -> int | None:
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class PastField(forms.DateTimeField):
    """A point in time that has come, in the operator's time zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        )
        super().__init__(widget=widget, initial=_now, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None and moment > timezone.now():
            raise ValidationError(_("This time is still to come."))
        return moment


def _now() -> datetime:
    # Without fractions, which would be in the future once the form cuts them off elsewhere.
    return timezone.now().replace(microsecond=0)


def _text(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=label, help_text=help_text, widget=widget, required=required, max_length=1000
    )


class NoForm(ActForm):
    """Nothing to say: the act speaks for itself."""


class ReasonForm(ActForm):
    note = _text(_("Reason"), _("Will be in the order's story, with your name."))


class SettleForm(ActForm):
    amount_fen = YuanField(label=_("Amount received (¥)"))
    paid_at = PastField(label=_("Received at"))
    evidence = _text(
        _("Evidence"), _("Where the money can be seen, such as the time and line of the bill.")
    )
    note = _text(_("Note"), _("Why it belongs to this order."))

    def __init__(self, *args: Any, orders: list[Order], **kwargs: Any) -> None:
        super().__init__(*args, orders=orders, **kwargs)
        if self.is_single:
            self.fields["amount_fen"].initial = money.yuan(orders[0].due_fen)

    def of_one_alone(self) -> list[str]:
        return ["amount_fen"]


class RefundForm(ActForm):
    amount_fen = YuanField(label=_("Amount given back (¥)"))
    made_at = PastField(label=_("Given back at"))
    note = _text(_("Reason"), _("Why, and by what way the money went back."))
    # So that a second click, and a second person, do not record one refund twice.
    refunded_before_fen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, orders: list[Order], **kwargs: Any) -> None:
        super().__init__(*args, orders=orders, **kwargs)
        if self.is_single:
            self.fields["amount_fen"].initial = money.yuan(orders[0].refundable_fen())
            self.fields["refunded_before_fen"].initial = orders[0].refunded_fen()

    def of_one_alone(self) -> list[str]:
        return ["amount_fen", "refunded_before_fen"]
