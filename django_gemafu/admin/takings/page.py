"""The page of the takings: a form, charts, and the table that they are drawn from."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from django_gemafu.admin.readonly import ReadOnly
from django_gemafu.admin.takings.drawing import charts
from django_gemafu.admin.takings.form import PeriodForm
from django_gemafu.admin.takings.table import Row, name_of
from django_gemafu.reports.periods import Period
from django_gemafu.reports.takings import takings


class TakingsAdmin(ReadOnly, ModelAdmin):  # type: ignore[type-arg]
    """One page, in the place where the admin has lists. Needs ``django_gemafu.view_takings``."""

    class Media:
        css = {"all": ["django_gemafu/admin.css", "django_gemafu/takings.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="django_gemafu_takings_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET.dict())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Takings"),
            "opts": self.opts,
            "form": form,
            "media": self.media,
            **(_report(form.period) if form.is_valid() else {}),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_gemafu/takings/page.html", context)


def _report(period: Period) -> dict[str, Any]:
    report = takings(period)
    total = report.total
    return {
        "is_empty": not any((total.orders, total.payments, total.refunds, total.gateway_errors)),
        "rows": [Row(name_of(span, period.step), figures) for span, figures in report.rows],
        "total": Row(_("All of it"), total),
        "charts": charts(report, period.step),
    }
