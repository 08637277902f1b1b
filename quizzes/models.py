"""Items, the quizzes that draw on them, and what people answered."""

import uuid as uuids

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from accounts.models import Role, User
from courses.models import Activity, Claim, Enrolment, Figure
from ledger.models import AppendOnly, AppendOnlyQuerySet
from quizzes.blocks import ItemBody


class Pool(models.TextChoices):
    PRACTICE = "practice", _("Practice")
    SECURE = "secure", _("Secure: examinations only")


class Level(models.TextChoices):
    RECALL = "recall", _("Recall")
    APPLY = "apply", _("Apply")
    ANALYSE = "analyse", _("Analyse")


def readable_pools(user: User) -> list[str]:
    """Which pools a person may read with keys: item authors and reviewers both, instructors the practice pool only."""
    if user.has_role(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER):
        return [Pool.PRACTICE, Pool.SECURE]
    if user.has_role(Role.INSTRUCTOR):
        return [Pool.PRACTICE]
    return []


class Domain(models.Model):
    """A content domain of the blueprint, for example D5."""

    code = models.SlugField(max_length=10, unique=True)
    title = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ItemQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ItemQuerySet":
        return self.filter(pool__in=readable_pools(user))


class Item(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, index.Indexed, models.Model):
    """A question as its author writes it. Publishing freezes it into an ItemVersion; only versions are ever asked."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=30, unique=True)
    pool = models.CharField(_("pool"), max_length=10, choices=Pool)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="items", verbose_name=_("domain"))
    level = models.CharField(_("level"), max_length=10, choices=Level)
    stem = models.TextField(_("question"))
    stimulus = models.TextField(_("situation shown above the question"), blank=True)
    figure = models.ForeignKey(Figure, models.PROTECT, null=True, blank=True, related_name="items")
    body = StreamField(ItemBody(), verbose_name=_("answer"))
    reference = models.CharField(_("reference, with year"), max_length=300)
    review_by = models.DateField(_("review by"))
    claims = models.ManyToManyField(Claim, related_name="items", blank=True, verbose_name=_("contested claims"))
    must_cover = models.JSONField(_("must-cover tags"), default=list, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="items_written", null=True, blank=True, editable=False)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="item",
        for_concrete_model=False,
    )
    revisions_relation = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="item",
        for_concrete_model=False,
    )

    objects = ItemQuerySet.as_manager()

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("code"), FieldPanel("pool")]),
                FieldRowPanel([FieldPanel("domain"), FieldPanel("level")]),
            ],
            heading=_("Place in the blueprint"),
        ),
        FieldPanel("stimulus"),
        FieldPanel("stem"),
        FieldPanel("figure"),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("reference"), FieldPanel("review_by")]), FieldPanel("claims"), FieldPanel("must_cover")],
            heading=_("Evidence"),
        ),
    ]
    search_fields = [
        index.SearchField("code"),
        index.SearchField("stem"),
        index.AutocompleteField("stem"),
        index.FilterField("pool"),
        index.FilterField("level"),
    ]

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "stem"], name="a_stem_is_unique_in_its_pool")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.stem[:80]}"

    @property
    def revisions(self):
        return self.revisions_relation

    @property
    def type(self) -> str:
        return self.body[0].block_type if self.body else ""


class ItemVersionQuerySet(AppendOnlyQuerySet):
    def current(self) -> "ItemVersionQuerySet":
        """The newest version of each live item."""
        newer = ItemVersion.objects.filter(item=models.OuterRef("item"), number__gt=models.OuterRef("number"))
        return self.filter(~models.Exists(newer), item__live=True)


class ItemVersion(AppendOnly):
    """An item as it is asked: `content` is `{schema, type, stem, stimulus, options, targets?, unit?, key, scoring, rationales, media}`."""

    HASHED = ("item", "number", "pool", "domain_code", "level", "content")

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pool = models.CharField(max_length=10, choices=Pool)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="versions")
    domain_code = models.CharField(max_length=10)
    level = models.CharField(max_length=10, choices=Level)
    content = models.JSONField()

    objects = ItemVersionQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["item", "number"], name="one_version_per_item_and_number"),
        ]
        indexes = [models.Index(fields=["pool", "domain", "level"])]

    def __str__(self) -> str:
        return f"{self.item.code} version {self.number}"


class SecureView(AppendOnly):
    """Somebody read a secure item (R20)."""

    HASHED = ("item", "reader", "where")

    item = models.ForeignKey(Item, models.PROTECT, related_name="secure_views")
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    where = models.CharField(max_length=40)

    class Meta(AppendOnly.Meta):
        pass


class Quiz(models.Model):
    """How an activity of kind quiz draws, times, marks and answers."""

    class Feedback(models.TextChoices):
        AT_ONCE = "at_once", _("At once, with the reason for each option (practice)")
        AFTER = "after", _("After submitting, with the reasons (practice)")
        BANDS = "bands", _("Pass, or bands by domain (examination)")

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="quiz")
    pool = models.CharField(max_length=10, choices=Pool, default=Pool.PRACTICE)
    instructions = models.TextField(blank=True)
    time_limit_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    pass_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    attempts_allowed = models.PositiveSmallIntegerField(null=True, blank=True)
    wait_days = models.PositiveSmallIntegerField(default=0)
    feedback = models.CharField(max_length=10, choices=Feedback, default=Feedback.AT_ONCE)
    must_cover = models.JSONField(default=dict, blank=True, help_text=_("tag: minimum number of items"))

    class Meta:
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(
                condition=~Q(pool="secure") | Q(feedback="bands"), name="a_secure_quiz_never_shows_its_keys"
            )
        ]

    def __str__(self) -> str:
        return self.activity.title


class BlueprintCell(models.Model):
    """How many items of a domain (and level; empty means any) a quiz draws."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="cells")
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="cells")
    level = models.CharField(max_length=10, choices=Level, blank=True)
    count = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["quiz", "domain__position", "level"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "domain", "level"], name="one_cell_per_domain_and_level")
        ]


class AttemptQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AttemptQuerySet":
        """Only one's own; what others may know of an attempt they read from progress and results."""
        return self.filter(learner=user)

    def overdue(self, at) -> "AttemptQuerySet":
        return self.filter(submitted_at=None, due_at__lte=at)


class Attempt(models.Model):
    """One sitting of a quiz by one learner. Its questions are drawn and frozen at the start."""

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("In progress")
        SUBMITTED = "submitted", _("Submitted")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attempts")
    learner = models.ForeignKey(User, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField(help_text="the draw and the shuffle can be repeated from it")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_by_clock = models.BooleanField(default=False)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "enrolment"],
                condition=Q(submitted_at__isnull=True),
                name="one_open_attempt_per_quiz_and_enrolment",
            ),
            models.UniqueConstraint(fields=["quiz", "enrolment", "number"], name="attempts_are_numbered"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(submitted_at__isnull=True), name="attempts_to_close")
        ]

    @property
    def state(self) -> str:
        return self.State.SUBMITTED if self.submitted_at else self.State.IN_PROGRESS


class Response(models.Model):
    """The answer at one position. The row exists from the start; a save is one UPDATE of it while it is `open`."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="responses")
    position = models.PositiveSmallIntegerField()
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="responses")
    option_order = models.JSONField(default=list)
    answer = models.JSONField(null=True, blank=True)
    flagged = models.BooleanField(default=False)
    seq = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    open = models.BooleanField(default=True)
    points = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="one_response_per_position")
        ]


class ResultVersion(AppendOnly):
    """The result of an attempt: the newest version holds. `bands` is `[{domain, title, items, band}]`."""

    HASHED = ("attempt", "version", "points", "out_of", "passed", "bands", "reason")

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="results")
    version = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=8, decimal_places=3)
    out_of = models.DecimalField(max_digits=8, decimal_places=3)
    passed = models.BooleanField()
    bands = models.JSONField(default=list)
    reason = models.CharField(max_length=100)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["attempt", "version"], name="one_result_per_version"),
        ]
