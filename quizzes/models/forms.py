"""Fixed forms: the questions of an examination, chosen once, locked by two people."""

import uuid as uuids

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import AppendOnly
from quizzes.models.items import ItemVersion, Life
from quizzes.models.taking import Quiz


class FormQuerySet(models.QuerySet):
    def in_use(self) -> "FormQuerySet":
        """Locked and not retired."""
        return self.filter(locked_at__isnull=False, retired_at=None)

    def askable(self) -> "FormQuerySet":
        """In use, and none of its questions suspended or retired."""
        stopped = FormItem.objects.filter(
            form=models.OuterRef("pk"), version__item__life__in=[Life.SUSPENDED, Life.RETIRED]
        )
        return self.in_use().exclude(models.Exists(stopped))


class Form(models.Model):
    """One set of questions of a quiz. Open to change until two people have signed its hash; then it is asked as it stands."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="forms")
    number = models.PositiveSmallIntegerField()
    pass_percent = models.DecimalField(
        _("pass mark, per cent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    standard = models.CharField(
        _("how the pass mark was set"),
        max_length=300,
        help_text=_("Method, panel, date of adoption."),
    )
    seed = models.BigIntegerField(null=True, help_text="of the draw it began with; none: by hand")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    hash = models.CharField(max_length=64, blank=True, help_text="over its versions, once locked")
    locked_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        ordering = ["quiz", "number"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "number"], name="forms_of_a_quiz_are_numbered"),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True, hash="")
                | Q(locked_at__isnull=False) & ~Q(hash=""),
                name="a_locked_form_has_a_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, form {self.number}"

    @property
    def state(self) -> str:
        if self.retired_at:
            return "retired"
        return "locked" if self.locked_at else "open"


class FormItem(models.Model):
    """A question of a form, at its place."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="form_items")
    scored = models.BooleanField(default=True)

    class Meta:
        ordering = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="one_question_per_place"),
            models.UniqueConstraint(fields=["form", "version"], name="a_form_asks_a_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form}, {self.position}"


class FormSignature(AppendOnly):
    """Somebody has read a form whole and signs the hash over its versions. The second signature of another person locks it."""

    HASHED = ("form", "signer", "form_hash")

    form = models.ForeignKey(Form, models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    form_hash = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["form", "signer", "form_hash"], name="nobody_signs_a_form_twice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}, {self.signer}"
