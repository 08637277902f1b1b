"""Client models: people who lie on the table for the examination, and what protects them (R39)."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from practicals.models.plans import ExamDay, Station
from practicals.models.visits import Appointment
from practicals.sealing import SealedTextField


class ClientModelQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ClientModelQuerySet":
        """Registrars keep the record. Examiners learn the code and what to leave alone, from the sheet."""
        return self if user.has_role(Role.REGISTRAR) else self.none()

    def present(self) -> "ClientModelQuerySet":
        return self.filter(withdrew_at=None)


class ClientModel(models.Model):
    """One person of an exam day, known to examiners and candidates by a code."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    exam_day = models.ForeignKey(ExamDay, models.PROTECT, related_name="clients")
    code = models.CharField(_("code"), max_length=6)
    name = models.CharField(_("name"), max_length=150)
    is_adult = models.BooleanField(_("of age"), default=False)
    screened_on = models.DateField(_("screened on"), null=True, blank=True)
    consent_at = models.DateTimeField(_("consented at"), null=True, blank=True)
    told_right_to_stop = models.BooleanField(
        _("knows that they may stop at any time"), default=False
    )
    chaperone = models.BooleanField(_("wants a chaperone"), default=False)
    allergies = SealedTextField(_("allergies"), max_length=200, blank=True)
    avoid = SealedTextField(_("not to be touched"), max_length=250, blank=True)
    notes = SealedTextField(_("what examiners need to know"), max_length=250, blank=True)
    cleared_for = models.ManyToManyField(
        Station, verbose_name=_("cleared for"), related_name="clients_cleared", blank=True
    )
    withdrew_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    objects = ClientModelQuerySet.as_manager()

    class Meta:
        ordering = ["exam_day", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["exam_day", "code"], name="one_client_per_code_and_day"
            ),
            models.CheckConstraint(
                condition=Q(consent_at__isnull=True)
                | Q(is_adult=True, told_right_to_stop=True, screened_on__isnull=False),
                name="a_client_consents_of_age_screened_and_free_to_stop",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_ready(self) -> bool:
        return self.consent_at is not None and self.withdrew_at is None


class ClientPlace(models.Model):
    """A client model is at a station of a day, for everybody or (with an appointment) for one candidate."""

    exam_day = models.ForeignKey(ExamDay, models.PROTECT, related_name="client_places")
    station = models.ForeignKey(Station, models.PROTECT, related_name="client_places")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="client_places", null=True, blank=True
    )
    client = models.ForeignKey(ClientModel, models.PROTECT, related_name="places")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exam_day", "station"],
                condition=Q(appointment__isnull=True),
                name="one_client_per_station_of_a_day",
            ),
            models.UniqueConstraint(
                fields=["appointment", "station"], name="one_client_per_station_and_candidate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} at {self.station}"
