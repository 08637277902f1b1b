"""The exam days' screens in Wagtail: a day is set up and changed there; what happens on it has pages of its own."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import models as generic
from wagtail.admin.viewsets.model import ModelViewSet

from accounts.models import Role
from accounts.services import Refusal
from practicals.models import ExamDay
from practicals.services import set_day
from practicals.signed_in import PersonRequest


class DayColumn(Column):
    """Leads from the list to the page on which the day is planned."""

    def get_value(self, instance: ExamDay) -> Any:
        return format_html(
            '<a href="{}">{}</a>', reverse("exam-day", args=[instance.uuid]), _("Plan the day")
        )


class ExamDayIndexView(generic.IndexView):
    """Days are planned by registrars; others see no way to a page that is closed to them."""

    @cached_property
    def columns(self) -> list[Column]:
        plans = Role.REGISTRAR in self.request.user.roles
        return [column for column in super().columns if plans or not isinstance(column, DayColumn)]


class KeptByService:
    """Put before Wagtail's views: the form is saved by `set_day`, which tells whoever has a place; what it refuses stands beside its field."""

    request: PersonRequest
    form: Any

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                set_day(
                    exam_day=form.instance,
                    examiners=list(form.cleaned_data["examiners"]),
                    by=self.request.user,
                    at=timezone.now(),
                )
        except Refusal as refusal:
            for name, said in refusal.fields.items():
                form.add_error(name if name in form.fields else None, said)
            if not form.errors:
                form.add_error(None, refusal.sentence)
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]
        return super().form_valid(form)  # type: ignore[misc]  # Wagtail saves the same again, and logs it


class ExamDayCreateView(KeptByService, generic.CreateView):
    pass


class ExamDayEditView(KeptByService, generic.EditView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if get_object_or_404(ExamDay, pk=kwargs["pk"]).cancelled_at:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ExamDayViewSet(ModelViewSet):
    model = ExamDay
    index_view_class = ExamDayIndexView
    add_view_class = ExamDayCreateView
    edit_view_class = ExamDayEditView
    icon = "calendar"
    menu_label = _("Exam days")
    list_display = ["date", "place", "plan", "capacity", DayColumn("open", label=_("Circuit"))]
    list_filter = ["plan", "date"]
    list_export = ["uuid", "plan", "date", "begins_at", "zone", "place", "capacity", "seed"]
    search_fields = ["place"]
    ordering = ["-date"]
    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []
