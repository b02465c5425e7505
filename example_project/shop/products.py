"""What the shop sells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Product:
    slug: str
    name: str | Promise
    description: str | Promise
    price_fen: int


PRODUCTS: Mapping[str, Product] = {
    product.slug: product
    for product in (
        Product("longjing", _("Longjing tea"), _("A tin of this spring's leaves, 50 g"), 3800),
        Product("cup", _("Glass cup"), _("Double-walled, keeps your fingers cool"), 1250),
    )
}
