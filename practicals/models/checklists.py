"""A station's checklist: the draft its author works on, and the frozen versions that are scored."""

import uuid as uuids
from collections import Counter
from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.actions.publish_revision import PublishPermissionError
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from accounts.models import User
from ledger.models import AppendOnly
from practicals.blocks import CriteriaStream, ViolationStream


class Checklist(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    index.Indexed,
    models.Model,
):
    """A station's checklist as its author writes it. Publishing freezes it into a ChecklistVersion; only versions are scored."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    code = models.SlugField(
        _("code"), max_length=20, unique=True, help_text=_("T2: what people call the station")
    )
    title = models.CharField(_("title"), max_length=150)
    scenario = models.TextField(_("scenario"))
    minutes = models.PositiveSmallIntegerField(_("minutes at the table"))
    candidate_instructions = models.TextField(_("what the candidate reads"), blank=True)
    client_script = models.TextField(_("script of the client model"), blank=True)
    equipment = models.TextField(_("equipment"), blank=True, help_text=_("One thing per line"))
    criteria = StreamField(CriteriaStream(), verbose_name=_("lines"))
    violations = StreamField(ViolationStream(), blank=True, verbose_name=_("critical violations"))
    author = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="checklists_written",
        null=True,
        blank=True,
        editable=False,
    )

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="checklist",
        for_concrete_model=False,
    )
    revisions_relation = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="checklist",
        for_concrete_model=False,
    )

    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("minutes")]),
        FieldPanel("title"),
        FieldPanel("scenario"),
        FieldPanel("candidate_instructions"),
        FieldPanel("client_script"),
        FieldPanel("equipment"),
        FieldPanel("criteria"),
        FieldPanel("violations"),
    ]
    search_fields = [
        index.SearchField("code"),
        index.SearchField("title"),
        index.AutocompleteField("title"),
    ]

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def clean(self) -> None:
        """Every line and violation has a code of its own, since ratings and rulings name them by it."""
        super().clean()
        errors = {}
        for field in ("criteria", "violations"):
            counted = Counter(block.value["code"] for block in getattr(self, field))
            twice = [code for code, count in counted.items() if count > 1]
            if twice:
                errors[field] = _("The code %(code)s is used twice.") % {"code": twice[0]}
        if errors:
            raise ValidationError(errors)

    @property
    def revisions(self):
        return self.revisions_relation

    def is_written_by(self, user: User) -> bool:
        """Whether the checklist, or any part of the draft that would be published, is this person's (R2)."""
        drafts = self.revisions.filter(user=user)
        if self.live_revision_id:
            drafts = drafts.filter(pk__gt=self.live_revision_id)
        return self.author_id == user.pk or drafts.exists()

    def publish(self, revision: Any, user: User | None = None, **options: Any) -> Any:
        """Publish a revision, as Wagtail does, but never at the hand of somebody who wrote it (R2). `user` None is a loader."""
        if user is not None and self.is_written_by(user):
            raise PublishPermissionError(
                "Rule R2: nobody publishes a checklist they wrote. Submit it to review."
            )
        return super().publish(revision, user=user, **options)

    @property
    def frozen_content(self) -> dict:
        """What a version of this checklist would hold, but for its lines."""
        return {
            "schema": 1,
            "title": self.title,
            "scenario": self.scenario,
            "minutes": self.minutes,
            "candidate_instructions": self.candidate_instructions,
            "client_script": self.client_script,
            "equipment": [line.strip() for line in self.equipment.splitlines() if line.strip()],
            "violations": [
                {"code": block.value["code"], "text": block.value["text"]}
                for block in self.violations
            ],
        }

    @property
    def frozen_lines(self) -> list[dict]:
        """The fields of the Criterion rows a version of this checklist would hold, in order."""
        return [
            {
                "code": block.value["code"],
                "section": block.value["section"],
                "text": block.value["text"],
                "max_points": int(block.value["max"]),
                "critical": bool(block.value["critical"]),
                "competence": block.value["competence"] or "",
                "position": position,
            }
            for position, block in enumerate(self.criteria, start=1)
        ]

    def get_preview_template(self, request, mode_name) -> str:
        return "practicals/sheet.html"

    def get_preview_context(self, request, mode_name) -> dict:
        from practicals.documents import preview_context

        return {**super().get_preview_context(request, mode_name), **preview_context(self)}


class ChecklistVersion(AppendOnly):
    """A checklist as it is scored. `content` holds title, scenario, minutes, instructions, violations; the lines are its criteria."""

    HASHED = ("checklist", "number", "content")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["checklist", "number"], name="one_version_per_checklist_and_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checklist.code} version {self.number}"

    @property
    def violation_texts(self) -> dict[str, str]:
        return {entry["code"]: entry["text"] for entry in self.content["violations"]}


class Criterion(AppendOnly):
    """One line of a checklist version."""

    HASHED = (
        "version",
        "code",
        "section",
        "text",
        "max_points",
        "critical",
        "competence",
        "position",
    )

    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=20)
    section = models.CharField(max_length=40)
    text = models.TextField()
    max_points = models.PositiveSmallIntegerField()
    critical = models.BooleanField(default=False)
    competence = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta(AppendOnly.Meta):
        ordering = ["version", "position"]
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["version", "code"], name="one_line_per_version_and_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
