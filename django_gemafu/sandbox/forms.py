from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from django_gemafu.sandbox.models import Behaviour

if TYPE_CHECKING:
    BehaviourModelForm = forms.ModelForm[Behaviour]
else:
    BehaviourModelForm = forms.ModelForm

FEN_PER_YUAN = 100


class AmountForm(forms.Form):
    """An amount, typed in yuan."""

    amount = forms.DecimalField(
        label=_("Amount in yuan"),
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        # A text field: number fields change under the mouse wheel, and hide a decimal comma.
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    @property
    def amount_fen(self) -> int:
        return int(self.cleaned_data["amount"] * FEN_PER_YUAN)


class BehaviourForm(BehaviourModelForm):
    class Meta:
        model = Behaviour
        fields = (
            "refusal",
            "answer_style",
            "delay_seconds",
            "order_lifetime_seconds",
            "gives_free_input_codes",
            "holds_notifications",
        )
        help_texts = {
            "answer_style": _("Whatever the answer looks like, what was asked for is done."),
            "delay_seconds": _(
                "Beyond the shop's timeout, orders are taken and the shop never hears of them."
            ),
            "order_lifetime_seconds": _(
                "Leave empty to use the setting. Money after this time is late for the shop too."
            ),
            "gives_free_input_codes": _("The customer has to type the amount (freecode)."),
            "holds_notifications": _("They go out when this is switched off."),
        }
