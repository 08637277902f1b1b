"""A station's checklist: the draft its author works on, the frozen versions that are scored, its life, and who read it."""

from collections import Counter
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.actions.publish_revision import PublishPermissionError
from wagtail.fields import StreamField
from wagtail.search import index

from accounts.models import Role, User
from courses.bank.models import Entry, Reading, Transition
from courses.models import Claim
from ledger.models import AppendOnly
from practicals.blocks import AnchorStream, CriteriaStream, FigureStream, ViolationStream


class Pool(models.TextChoices):
    SECURE = "secure", _("Secure: examinations only")
    PRACTICE = "practice", _("Practice: students read and score it")


class Life(models.TextChoices):
    """Where a station stands between its approval and its end. Before approval it is a draft in Wagtail's workflow."""

    DRAFT = "draft", _("draft or under review")
    APPROVED = "approved", _("approved")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    RETIRED = "retired", _("retired")


READERS = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER)


def readable_pools(user: User) -> list[str]:
    """Which stations a person may read whole: authors, reviewers and chief examiners both pools, instructors practice stations only."""
    if user.has_role(*READERS):
        return [Pool.SECURE, Pool.PRACTICE]
    if user.has_role(Role.INSTRUCTOR):
        return [Pool.PRACTICE]
    return []


class ChecklistQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ChecklistQuerySet":
        return self.filter(pool__in=readable_pools(user))

    def active(self) -> "ChecklistQuerySet":
        return self.filter(life=Life.ACTIVE)

    def overdue(self, on: date) -> "ChecklistQuerySet":
        """In use although their evidence should have been looked at again."""
        return self.exclude(life__in=[Life.DRAFT, Life.RETIRED]).filter(review_by__lt=on)


class Checklist(Entry):
    """A station's checklist as its author writes it. Publishing freezes it into a ChecklistVersion; only versions are scored.

    Its name is its code and title: what stands in its instructions, script and lines is for readers of its pool.
    """

    code = models.SlugField(
        _("code"), max_length=20, unique=True, help_text=_("T2: what people call the station")
    )
    pool = models.CharField(
        _("pool"),
        max_length=10,
        choices=Pool,
        default=Pool.SECURE,
        help_text=_(
            "A practice station is open to students and never examined; a station never changes its pool."
        ),
    )
    life = models.CharField(
        _("life"), max_length=10, choices=Life, default=Life.DRAFT, editable=False
    )
    title = models.CharField(_("title"), max_length=150)
    scenario = models.TextField(_("scenario"))
    minutes = models.PositiveSmallIntegerField(_("minutes at the table"))
    candidate_instructions = models.TextField(_("what the candidate reads"), blank=True)
    client_script = models.TextField(_("script of the client model"), blank=True)
    equipment = models.TextField(_("equipment"), blank=True, help_text=_("One thing per line"))
    criteria = StreamField(CriteriaStream(), verbose_name=_("lines"))
    violations = StreamField(ViolationStream(), blank=True, verbose_name=_("critical violations"))
    figures = StreamField(
        FigureStream(), blank=True, default=list, verbose_name=_("photographs and figures")
    )
    anchors = StreamField(
        AnchorStream(),
        blank=True,
        default=list,
        verbose_name=_("what the global ratings mean here"),
        help_text=_("Empty: the five that hold at every station. Otherwise all five, 1 to 5."),
    )
    reference = models.CharField(_("reference, with year"), max_length=300, blank=True)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    claims = ParentalManyToManyField(
        Claim, related_name="checklists", blank=True, verbose_name=_("contested claims")
    )
    author = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="checklists_written",
        null=True,
        blank=True,
        editable=False,
    )

    objects = ChecklistQuerySet.as_manager()

    search_fields = [
        index.SearchField("code"),
        index.SearchField("title"),
        index.AutocompleteField("title"),
        index.FilterField("pool"),
    ]

    class Meta:
        ordering = ["code"]
        verbose_name = _("station")
        verbose_name_plural = _("stations")

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
    def open_for_practice(self) -> bool:
        """Whether students may read it. What is examined never is."""
        return self.pool == Pool.PRACTICE

    def with_content_json(self, content: dict[str, Any]) -> "Checklist":
        """The draft, as the station it is a draft of: its life, its pool and its author are the station's own."""
        draft = super().with_content_json(content)
        draft.life, draft.pool, draft.author_id = self.life, self.pool, self.author_id
        return draft

    def publish(self, revision: Any, user: User | None = None, **options: Any) -> Any:
        """Publish a revision, as Wagtail does, but never at the hand of somebody who wrote it (R2). `user` None is a loader."""
        if user is not None and self.is_written_by(user):
            raise PublishPermissionError(
                "Rule R2: nobody publishes a checklist they wrote. Submit it to review."
            )
        return super().publish(revision, user=user, **options)

    @property
    def frozen_content(self) -> dict:
        """What a version of this checklist would hold, but for its lines and its figures, which are kept by their hash when it is frozen.

        `global_ratings` is there only where the station has its own.
        """
        own = {"global_ratings": self.own_anchors} if self.anchors else {}
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
            **own,
        }

    @property
    def own_anchors(self) -> list[dict[str, Any]]:
        """The station's own global ratings, the lowest first; none where those of every station hold."""
        rows = [
            {
                "value": int(block.value["value"]),
                "label": block.value["label"],
                "text": block.value["text"],
            }
            for block in self.anchors
        ]
        return sorted(rows, key=lambda row: row["value"])

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
    """A checklist as it is scored. `content` holds title, scenario, minutes, instructions, violations, and, where it has any of its own,
    `figures` (by hash, with their words) and `global_ratings`; the lines are its criteria.
    """

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


class StationTransition(Transition):
    """A station went from one state of its life to another, or passed a review: who, why. One chain a station."""

    HASHED = ("checklist", "version", "before", "after", "step", "by")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="transitions")
    version = models.PositiveIntegerField(null=True, help_text="the station's newest version then")
    before = models.CharField(max_length=10, choices=Life)
    after = models.CharField(max_length=10, choices=Life)

    class Meta(Transition.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.checklist.code}: {self.step}"


class StationView(Reading):
    """Somebody read a secure station (R20). `where`: list, edit, preview, … One chain holds what one person read on one day."""

    HASHED = ("checklist", "reader", "where")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="views")

    class Meta(Reading.Meta):
        pass
