"""From marked to told: marks given by hand, rulings on questions, and the release of results."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly, AppendOnlyQuerySet
from quizzes.models.items import ItemVersion
from quizzes.models.taking import Response, ResultVersion


class EssayMarkQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "EssayMarkQuerySet":
        """Only one's own: markers are blind to each other."""
        return self.filter(marker=user)


class EssayMark(AppendOnly):
    """What one marker gave an essay, line by line of its rubric: `lines` is `{line id: points}`. `A` and `B` mark blind to each other;
    where they differ by more than the tolerance, `C` decides.
    """

    class Place(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", _("C, who decides")

    HASHED = ("response", "place", "marker", "lines", "points")
    SALTED = ("comment",)

    response = models.ForeignKey(Response, models.PROTECT, related_name="marks")
    place = models.CharField(max_length=1, choices=Place)
    marker = models.ForeignKey(User, models.PROTECT, related_name="+")
    lines = models.JSONField()
    points = models.DecimalField(max_digits=6, decimal_places=3)
    comment = models.TextField(blank=True)

    objects = EssayMarkQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["response", "place"], name="one_mark_per_place"),
            models.UniqueConstraint(
                fields=["response", "marker"], name="nobody_marks_an_essay_twice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response}, {self.place}"


class ItemRulingQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "ItemRulingQuerySet":
        """Reviewers, who rule, and registrars, who act on what follows."""
        return self if user.has_role(Role.ITEM_REVIEWER, Role.REGISTRAR) else self.none()


class ItemRuling(AppendOnly):
    """A question turned out to be wrong: it counts for nobody, for everybody, or also with other answers. One chain an item version; the
    newest holds.
    """

    class Kind(models.TextChoices):
        VOID = "void", _("It counts for nobody")
        CREDIT = "credit", _("It counts for everybody")
        RESCORE = "rescore", _("These answers count as well")
        STANDS = "stands", _("It stands as it was")

    HASHED = ("version", "kind", "also", "by")
    SALTED = ("reasons",)

    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="rulings")
    kind = models.CharField(_("ruling"), max_length=10, choices=Kind)
    also = models.JSONField(default=list, help_text="answers that count as right, for “rescore”")
    reasons = models.TextField(_("reasons"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ItemRulingQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.version}: {self.get_kind_display()}"

    @property
    def mark(self) -> str:
        """How a result names the ruling it follows from."""
        return f"ruling {self.uuid}"


class Release(AppendOnly):
    """A result may be told. `by` None: the quiz releases at once. Nothing is reported to courses before."""

    HASHED = ("result", "by")
    SALTED = ("note",)

    result = models.OneToOneField(ResultVersion, models.PROTECT, related_name="release")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.result}, released"

    @property
    def report_path(self) -> str:
        """Where the report is kept once a worker has rendered it."""
        return f"result-reports/{self.uuid}.pdf"
