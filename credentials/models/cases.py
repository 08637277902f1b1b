"""Appeals and concerns: who, about what, since when, by which day, whose it is, and how it ended. An appeal is read by number until it
is decided; whoever carries out the outcome takes it on, and is shown whose it is. What panels do comes later."""

import uuid as uuids
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.applications import Application
from credentials.models.register import Credential
from ledger.models import AppendOnly, AppendOnlyQuerySet, salted_digest


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CaseQuerySet":
        """Registrars, but for a case that is about themselves."""
        if user.has_role(Role.REGISTRAR):
            return self.exclude(Q(about_person=user) | Q(linked_person=user))
        return self.none()

    def appeals_of(self, user: User) -> "CaseQuerySet":
        """A person's own appeals, by whomever they were written down. What is said of a concern about somebody they do not see."""
        return self.filter(kind=Case.Kind.APPEAL, about_person=user)

    def raised_outside(self) -> "CaseQuerySet":
        """Concerns that somebody without an account raised: they have a page that names nobody."""
        lodged = CaseStep.objects.filter(case=models.OuterRef("pk"), kind=CaseStep.Kind.LODGED)
        return self.filter(models.Exists(lodged), kind=Case.Kind.CONCERN)

    def open(self) -> "CaseQuerySet":
        return self.filter(closed_at=None)

    def with_carrier(self) -> "CaseQuerySet":
        """Each with `carrier_id`: who took it on to carry out what was decided, last."""
        taken = CaseStep.objects.filter(case=models.OuterRef("pk"), kind=CaseStep.Kind.TAKEN)
        newest = taken.order_by("-sequence").values("by")[:1]
        return self.annotate(carrier_id=models.Subquery(newest))

    def to_carry_out(self) -> "CaseQuerySet":
        """Decided, and something that follows is neither done nor waived."""
        return self.filter(
            models.Exists(CaseStep.objects.pending().filter(case=models.OuterRef("pk")))
        )

    def for_reading(self) -> "CaseQuerySet":
        """With all that is needed to say whose they are, or to hide it."""
        rows = self.select_related(
            "owner",
            "about_person",
            "application",
            "credential",
            "linked_person",
            "linked_credential",
        )
        return rows.with_carrier()


class Case(models.Model):
    """An appeal against a decision, or a concern about a holder, an examination or the register."""

    class Kind(models.TextChoices):
        APPEAL = "appeal", _("Appeal")
        CONCERN = "concern", _("Concern")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        PARTLY = "partly", _("Upheld in part")
        DISMISSED = "dismissed", _("Dismissed")
        WITHDRAWN = "withdrawn", _("Withdrawn by whoever raised it")

    class Ground(models.TextChoices):
        """On what an appeal may rest (R48)."""

        CONTENT = "content", _("What was examined or decided on was wrong")
        PROCEDURE = "procedure", _("The procedure was not kept to")
        BIAS = "bias", _("I was treated unfairly or discriminated against")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    raised_by = models.CharField(_("who raised it"), max_length=150)
    contact = models.EmailField(
        _("e-mail"),
        blank=True,
        help_text="of somebody without an account, to tell them how it ends",
    )
    ground = models.CharField(max_length=10, choices=Ground, blank=True)
    subject = models.CharField(
        max_length=80, blank=True, help_text="the decision an appeal is against: decision:<uuid>"
    )
    about_person = models.ForeignKey(
        User, models.PROTECT, related_name="cases_about", null=True, blank=True
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="cases", null=True, blank=True
    )
    credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="cases", null=True, blank=True
    )
    linked_person = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="cases_linked",
        null=True,
        blank=True,
        help_text="of a concern that named nobody we knew: whom it is about, as was found out later",
    )
    linked_credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="cases_linked", null=True, blank=True
    )
    about = models.CharField(_("about what"), max_length=200)
    said = models.TextField(_("what is said"))
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("to be decided by"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="cases_owned", null=True, blank=True
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="when the outcome was mailed to `contact`"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False, owner__isnull=False) & ~Q(outcome=""))
                | Q(closed_at__isnull=False, outcome="withdrawn"),
                name="a_decided_case_has_an_owner_and_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True)
                | Q(about_person__isnull=True)
                | ~Q(owner=models.F("about_person")),
                name="nobody_owns_a_case_about_themselves",
            ),
            models.CheckConstraint(
                condition=Q(linked_person__isnull=True)
                | Q(owner__isnull=True)
                | ~Q(owner=models.F("linked_person")),
                name="nobody_owns_a_concern_that_was_linked_to_them",
            ),
            models.CheckConstraint(
                condition=Q(linked_person__isnull=True, linked_credential__isnull=True)
                | Q(linked_person__isnull=False, kind="concern", about_person__isnull=True),
                name="only_a_concern_that_named_nobody_is_linked",
            ),
            models.UniqueConstraint(
                fields=["about_person", "subject"],
                condition=~Q(subject=""),
                name="one_appeal_per_person_and_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.about}"

    @property
    def reference(self) -> str:
        """What people quote: AC-2026-0003."""
        return f"AC-{self.number}"

    @property
    def number(self) -> str:
        return f"{self.recorded_at:%Y}-{self.pk:04d}"

    @property
    def person(self) -> User | None:
        """Whom it is about, as it said or as was found out later."""
        return self.about_person or self.linked_person

    def late_on(self, day: date) -> bool:
        return self.closed_at is None and day > self.due_on

    def digest(self, salt: str) -> str:
        """SHA-256 of the salt and all that was said when it was raised: kept with its first step, so that an edit of the row is found."""
        said = {
            "uuid": self.uuid,
            "kind": self.kind,
            "raised_by": self.raised_by,
            "about_person": self.about_person,
            "application": self.application,
            "credential": self.credential_id,
            "about": self.about,
            "said": self.said,
            "ground": self.ground,
            "subject": self.subject,
            "received_on": self.received_on,
            "due_on": self.due_on,
        }
        return salted_digest(salt, said)


class CaseStepQuerySet(AppendOnlyQuerySet):
    def pending(self) -> "CaseStepQuerySet":
        """What follows and is neither done nor waived."""
        answers = CaseStep.objects.filter(
            case=models.OuterRef("case"),
            action=models.OuterRef("action"),
            kind__in=CaseStep.ANSWERS,
        )
        return self.filter(~models.Exists(answers), kind=CaseStep.Kind.ORDERED)


class CaseStep(AppendOnly):
    """What happened to a case, in order."""

    class Kind(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        LODGED = "lodged", _("Received")
        GIVEN = "given", _("Given to an owner")
        NOTED = "noted", _("Note")
        CLOSED = "closed", _("Outcome")
        ORDERED = "ordered", _("To be done")
        TAKEN = "taken", _("Taken on to carry out")
        DONE = "done", _("Done")
        WAIVED = "waived", _("Waived")
        LINKED = "linked", _("Linked to whom it is about")
        UNLINKED = "unlinked", _("Link taken off")

    class Action(models.TextChoices):
        """What may follow from an appeal that is upheld (R48). Each is done where such things are done, and written down here."""

        RESCORE = "rescore", _("Rule on the questions and score again")
        INCIDENT = "incident", _("Decide again on what happened at the sitting")
        RULE = "rule", _("Have the chief examiner rule again")
        RESIT = "resit", _("Let them sit it again, free of charge")
        DOCUMENT = "document", _("Decide on the document again")
        HOURS = "hours", _("Decide on the hours again")
        APPLICATION = "application", _("Have them apply again, and decide on that first")
        REINSTATE = "reinstate", _("Reinstate the credential")
        SCOPE = "scope", _("Restore the scope")
        CORRECT = "correct", _("Correct the certificate")
        DECIDE = "decide", _("Decide again on what was appealed against")
        WIDER = "wider", _("Put it right for others it happened to")
        TELL = "tell", _("Tell whoever appealed how it ended")

    ANSWERS = (Kind.DONE, Kind.WAIVED)
    HASHED = ("case", "kind", "owner", "outcome", "by", "seen", "action", "person", "credential")
    SALTED = ("note",)
    LATER = frozenset({"seen", "action", "person", "credential"})

    objects: ClassVar[Any] = CaseStepQuerySet.as_manager()

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    outcome = models.CharField(max_length=10, choices=Case.Outcome, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="+",
        null=True,
        help_text="null: somebody without an account",
    )
    seen = models.CharField(
        max_length=64, blank=True, help_text="salted digest of the case as it was raised"
    )
    action = models.CharField(
        max_length=12, choices=Action, blank=True, help_text="what follows, is done or waived"
    )
    person = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, help_text="of a link"
    )
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["case", "action"],
                condition=Q(kind="ordered"),
                name="what_follows_from_a_case_follows_once",
            ),
            models.UniqueConstraint(
                fields=["case", "action"],
                condition=Q(kind__in=["done", "waived"]),
                name="what_follows_is_done_or_waived_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["ordered", "done", "waived"]) & ~Q(action="")
                | ~Q(kind__in=["ordered", "done", "waived"]) & Q(action=""),
                name="only_what_follows_names_an_action",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_kind_display()}"
