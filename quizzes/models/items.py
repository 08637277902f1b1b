"""The item bank: questions as authors write them, the versions that are asked, and who read what."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.search import index

from accounts.models import Role, User
from courses.bank.models import Entry, Reading, Transition
from courses.models import Claim, Figure
from ledger.models import AppendOnly, AppendOnlyQuerySet
from quizzes.blocks import ItemBody


class Pool(models.TextChoices):
    PRACTICE = "practice", _("Practice")
    SECURE = "secure", _("Secure: examinations only")


class Life(models.TextChoices):
    """Where an item stands between its approval and its end. Before approval it is a draft in Wagtail's workflow."""

    DRAFT = "draft", _("draft or under review")
    APPROVED = "approved", _("approved")
    PILOT = "pilot", _("pilot: asked, not scored")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    RETIRED = "retired", _("retired")


class Level(models.TextChoices):
    RECALL = "recall", _("Recall")
    APPLY = "apply", _("Apply")
    ANALYSE = "analyse", _("Analyse")


class MustCover(models.TextChoices):
    """What every form of an examination asks about, for the safety of clients."""

    DVT_PE = "dvt-pe", _("Deep vein thrombosis and pulmonary embolism")
    ACUTE_INJURY = "acute-injury", _("Acute injury")
    ANTICOAGULANTS = "anticoagulants", _("Anticoagulants")
    RED_FLAGS = "red-flags", _("Red flags")
    HEAT_EAH = "heat-eah", _("Heat illness and hyponatraemia")
    CONCUSSION_COLLAPSE = "concussion-collapse", _("Concussion and collapse")
    INFECTION_SKIN = "infection-skin", _("Infection and skin")
    ENDANGERMENT = "endangerment", _("Endangerment sites")
    CONSENT_MINOR = "consent-minor", _("Consent, also of minors")
    BOUNDARY_DRAPING = "boundary-draping", _("Boundaries and draping")
    SCOPE = "scope", _("Scope of practice")
    PRE_EVENT = "pre-event", _("Before an event")
    POST_EVENT = "post-event", _("After an event")
    DOCUMENTATION = "documentation", _("Documentation")
    ADVERSE_EVENT = "adverse-event", _("Adverse events")
    EVIDENCE_ADVICE = "evidence-advice", _("Advice by the evidence")


def readable_pools(user: User) -> list[str]:
    """Which pools a person may read with keys: item authors and reviewers both, instructors the practice pool only."""
    if user.has_role(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER):
        return [Pool.PRACTICE, Pool.SECURE]
    if user.has_role(Role.INSTRUCTOR):
        return [Pool.PRACTICE]
    return []


class Domain(models.Model):  # type: ignore[django-manager-missing]
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

    def in_use(self) -> "ItemQuerySet":
        """Approved and not retired."""
        return self.exclude(life__in=[Life.DRAFT, Life.RETIRED])

    def overdue(self, on: date) -> "ItemQuerySet":
        """In use although their evidence should have been looked at again."""
        return self.in_use().filter(review_by__lt=on)


class Item(Entry):
    """A question as its author writes it. Publishing freezes it into an ItemVersion; only versions are ever asked.

    Its name is its code and nothing else: logs, reports, mails and references name items to people who may not read them.
    """

    may_be_half_written = False  # while it is saved as a draft

    code = models.CharField(_("code"), max_length=30, unique=True)
    pool = models.CharField(_("pool"), max_length=10, choices=Pool)
    domain = models.ForeignKey(
        Domain, models.PROTECT, related_name="items", verbose_name=_("domain")
    )
    level = models.CharField(_("level"), max_length=10, choices=Level)
    stem = models.TextField(_("question"))
    stimulus = models.TextField(_("situation shown above the question"), blank=True)
    figure = models.ForeignKey(Figure, models.PROTECT, null=True, blank=True, related_name="items")
    body = StreamField(ItemBody(), verbose_name=_("answer"))
    reference = models.CharField(_("reference, with year"), max_length=300)
    review_by = models.DateField(_("review by"), null=True)
    claims = ParentalManyToManyField(
        Claim, related_name="items", blank=True, verbose_name=_("contested claims")
    )
    must_cover = models.JSONField(_("must-cover tags"), default=list, blank=True)
    life = models.CharField(
        _("life"), max_length=10, choices=Life, default=Life.DRAFT, editable=False
    )
    enemies = ParentalManyToManyField(
        "self",
        blank=True,
        verbose_name=_("enemies"),
        help_text=_("Items that give this one away, or ask the same: never in one form."),
    )
    exposure_cap = models.PositiveIntegerField(
        _("exposure cap"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The most attempts it may be asked in within twelve months. Empty: no cap."),
    )
    author = models.ForeignKey(
        User, models.PROTECT, related_name="items_written", null=True, blank=True, editable=False
    )

    objects = ItemQuerySet.as_manager()

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
            models.UniqueConstraint(
                fields=["stem"],
                condition=~models.Q(stem=""),
                name="a_stem_stands_in_one_pool_once",
                violation_error_message=_(
                    "Another item asks this already. The pools share no question."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """What a type of answer asks of the rest of the item; a draft may lack it until it is submitted."""
        super().clean()
        if self.may_be_half_written:
            return
        block = self.body[0].block if self.body else None
        if getattr(block, "needs_figure", False) and not self.figure:
            raise ValidationError({"figure": _("This is answered on a figure: choose one.")})
        if getattr(block, "needs_stimulus", False) and not self.stimulus.strip():
            raise ValidationError(
                {"stimulus": _("A case set begins with its case: write it here.")}
            )

    @property
    def type(self) -> str:
        return self.body[0].block_type if self.body else ""

    @property
    def type_label(self) -> str:
        return str(self.body[0].block.label) if self.body else ""

    def serializable_data(self) -> dict[str, Any]:
        """With the enemies and the cap it had when it was written, so that publishing takes over what was changed and nothing else."""
        row = Item.objects.filter(pk=self.pk).values("exposure_cap").first() if self.pk else None
        return {
            **super().serializable_data(),
            "enemies_before": list(self.held_enemies()) if self.pk else [],
            "cap_before": row["exposure_cap"] if row else None,
        }

    def with_content_json(self, content: dict[str, Any]) -> "Item":
        """The draft, as the item it is a draft of: its life and its author are the item's own, and so are the cap it did not change and
        enemies that others have named.
        """
        draft = super().with_content_json(content)
        if self.pk and content.get("exposure_cap") == content.get("cap_before", ...):
            caps = Item.objects.filter(pk=self.pk).values_list("exposure_cap", flat=True)
            draft.exposure_cap = caps.first()
        draft.life, draft.author_id = self.life, self.author_id
        named, before = set(content.get("enemies", ())), set(content.get("enemies_before", ()))
        draft.enemies = Item.objects.filter(
            pk__in=(set(self.held_enemies()) | (named - before)) - (before - named)
        )
        return draft

    def held_enemies(self) -> "models.QuerySet[Any]":
        """Primary keys of its enemies as they hold now, whatever a draft says."""
        return Item.enemies.through.objects.filter(from_item=self.pk).values_list(
            "to_item", flat=True
        )

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return "quizzes/item_preview.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        """The question as a candidate sees it, and under it what only its readers see; neither while it is too little of one."""
        from quizzes.frozen import is_readable, previewed
        from quizzes.words import player_words

        if not is_readable(self):
            return {"item": self, "begun": bool(self.body)}
        return {"item": self, "words": player_words(), **previewed(self)}


class ItemVersionQuerySet(AppendOnlyQuerySet):
    def current(self) -> "ItemVersionQuerySet":
        """The newest version of each live item."""
        newer = ItemVersion.objects.filter(
            item=models.OuterRef("item"), number__gt=models.OuterRef("number")
        )
        return self.filter(~models.Exists(newer), item__live=True)

    def active(self) -> "ItemVersionQuerySet":
        """What is asked and scored: the newest versions of active items."""
        return self.current().filter(item__life=Life.ACTIVE)

    def pilot(self) -> "ItemVersionQuerySet":
        """What is asked and not scored: the newest versions of items on trial."""
        return self.current().filter(item__life=Life.PILOT)


class ItemVersion(AppendOnly):
    """An item as it is asked: `content` is `{schema, type, stem, stimulus, options, targets?, unit?, key, scoring, rationales, media}`.

    `points` is what it is worth, and how many places it takes in its cell of a blueprint.
    """

    HASHED = ("item", "number", "pool", "domain_code", "level", "content")

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pool = models.CharField(max_length=10, choices=Pool)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="versions")
    domain_code = models.CharField(max_length=10)
    level = models.CharField(max_length=10, choices=Level)
    points = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()

    objects = ItemVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["item", "number"], name="one_version_per_item_and_number"
            ),
        ]
        indexes = [models.Index(fields=["pool", "domain", "level"])]

    def __str__(self) -> str:
        return f"{self.item.code} version {self.number}"


class ItemTransition(Transition):
    """An item went from one state of its life to another, or passed a review: who, why. One chain an item."""

    HASHED = ("item", "version", "before", "after", "step", "by")
    STEPS = {**Transition.STEPS, "placed": _("Enemies or exposure cap changed")}

    item = models.ForeignKey(Item, models.PROTECT, related_name="transitions")
    version = models.PositiveIntegerField(null=True, help_text="the item's newest version then")
    before = models.CharField(max_length=10, choices=Life)
    after = models.CharField(max_length=10, choices=Life)

    class Meta(Transition.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.item}: {self.step}"


class SecureView(Reading):
    """Somebody read a secure item (R20). `where`: list, edit, preview, api, … One chain holds what one person read on one day."""

    HASHED = ("item", "reader", "where")

    item = models.ForeignKey(Item, models.PROTECT, related_name="secure_views")

    class Meta(Reading.Meta):
        pass
