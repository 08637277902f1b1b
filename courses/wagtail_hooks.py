"""Staff screens: the registers, classes and enrolments."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from accounts.models import Role, User
from accounts.services import Refusal
from accounts.web import WithoutBulkActions
from courses.models import Claim, Cohort, Contraindication, Enrolment, Figure
from courses.services import enrol, require_may_enrol, staff_class


class RegisterIndexView(WithoutBulkActions, IndexView):
    pass


class ClaimViewSet(SnippetViewSet):
    model = Claim
    index_view_class = RegisterIndexView
    icon = "help"
    menu_label = _("Contested claims")
    list_display = ["code", "statement", "get_status_display", "review_by"]
    list_filter = ["status", "review_by"]
    list_export = ["code", "statement", "status", "word", "safe_wording", "evidence", "review_by"]
    ordering = ["pk"]
    inspect_view_enabled = True


class ContraindicationViewSet(SnippetViewSet):
    model = Contraindication
    index_view_class = RegisterIndexView
    icon = "warning"
    menu_label = _("Contraindications")
    list_display = ["condition", "get_klass_display", "emergency", "urgency", "grade", "review_by"]
    list_filter = ["klass", "emergency", "grade", "review_by"]
    list_export = [
        "slug",
        "condition",
        "klass",
        "emergency",
        "phase",
        "action",
        "urgency",
        "rationale",
        "grade",
        "reference",
        "review_by",
    ]
    inspect_view_enabled = True


class FigureViewSet(SnippetViewSet):
    model = Figure
    index_view_class = RegisterIndexView
    icon = "image"
    menu_label = _("Figures")
    list_display = ["title", "code", "credit", "review"]
    list_filter = ["review"]
    list_export = ["code", "title", "view", "alt", "caption", "credit", "review"]
    inspect_view_enabled = True
    inspect_view_fields_exclude = ["svg"]


class Registers(SnippetViewSetGroup):
    items = (ClaimViewSet, ContraindicationViewSet, FigureViewSet)
    menu_label = _("Registers")
    menu_icon = "list-ul"
    menu_order = 300


register_snippet(Registers)


class CohortForm(WagtailAdminModelForm):
    """Who teaches a class is set by a service: it writes teaching records."""

    instructors = forms.ModelMultipleChoiceField(
        queryset=User.objects.filter(groups__name=Role.INSTRUCTOR).order_by("name"),
        label=_("Instructors"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["course"].disabled = self.instance.enrolments.exists()

    def _save_m2m(self) -> None:
        staff_class(
            cohort=self.instance, instructors=self.cleaned_data["instructors"], at=timezone.now()
        )

    class Meta:
        model = Cohort
        fields = ["title", "course", "instructors", "begins_on", "ends_on"]


class CohortViewSet(ModelViewSet):
    model = Cohort
    icon = "group"
    menu_label = _("Classes")
    list_display = ["title", "course", "begins_on", "ends_on"]
    list_filter = ["course", "begins_on"]
    list_export = ["title", "course", "begins_on", "ends_on"]
    search_fields = ["title"]
    form_fields = ["title", "course", "instructors", "begins_on", "ends_on"]
    inspect_view_enabled = True
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[CohortForm]:
        return CohortForm


class EnrolmentForm(WagtailAdminModelForm):
    """Staff enrol a person, or put somebody enrolled into a class, by the same rules as everybody."""

    class Meta:
        model = Enrolment
        fields = ["learner", "course", "cohort"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["learner"].disabled = self.fields["course"].disabled = True

    def validate_unique(self) -> None:
        """Enrolling somebody who is enrolled is no mistake: they join the class."""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("learner") and given.get("course"):
            try:
                require_may_enrol(
                    learner=given["learner"], course=given["course"], cohort=given.get("cohort")
                )
            except Refusal as refusal:
                self.add_error(None, refusal.sentence)
        return given

    def save(self, commit: bool = True) -> Enrolment:
        given = self.cleaned_data
        enrolment, _new = enrol(
            learner=given["learner"],
            course=given["course"],
            cohort=given["cohort"],
            at=timezone.now(),
        )
        self.instance.pk = enrolment.pk
        self.instance.refresh_from_db()
        return self.instance


class EnrolmentFilters(WagtailFilterSet):
    class Meta:
        model = Enrolment
        fields = ["course", "cohort", "enrolled_at"]


class EnrolmentViewSet(ModelViewSet):
    model = Enrolment
    icon = "user"
    menu_label = _("Enrolments")
    list_display = ["learner", "course", "cohort", "enrolled_at", "completed_at"]
    list_export = ["uuid", "learner", "course", "cohort", "enrolled_at", "completed_at"]
    filterset_class = EnrolmentFilters
    search_fields = ["learner__name", "learner__email"]
    form_fields = ["learner", "course", "cohort"]
    inspect_view_enabled = True
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[EnrolmentForm]:
        return EnrolmentForm


class Classes(ModelViewSetGroup):
    items = (CohortViewSet, EnrolmentViewSet)
    menu_label = _("Classes")
    menu_icon = "group"
    menu_order = 310


@hooks.register("register_admin_viewset")
def register_classes() -> Classes:
    return Classes()
