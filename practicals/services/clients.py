"""Client models of an exam day (R39): of age, screened, consenting and free to stop, and only at stations they are cleared for."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing
from practicals.models import Appointment, Assignment, ClientModel, ClientPlace, ExamDay, Station
from practicals.services.checks import require_role
from practicals.services.grid import Grid, lock_day

RECORD = (
    "code",
    "name",
    "is_adult",
    "screened_on",
    "told_right_to_stop",
    "chaperone",
    "allergies",
    "avoid",
    "notes",
)


@transaction.atomic
def keep_client(
    *,
    exam_day: ExamDay,
    record: dict[str, Any],
    cleared_for: Collection[Station],
    consents: bool,
    by: User | None,
    at: datetime,
    client: ClientModel | None = None,
) -> ClientModel:
    """Write down a client model of a day, or change what is written. `consents`: they signed their consent; it is dated when first said.

    Raises Invalid by field: a code that is taken, consent without age, screening or the right to stop told, a station they stand at no longer
    cleared; Conflict for somebody who has stopped.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = lock_day(exam_day.pk)
    if client:
        client = ClientModel.objects.select_for_update().get(pk=client.pk)
        if client.withdrew_at:
            raise Conflict("client_stopped", _("%(client)s has stopped.") % {"client": client})
    client = client or ClientModel(exam_day=exam_day)
    for name in RECORD:
        setattr(client, name, record[name])
    client.code = client.code.strip().upper()
    _require_sound(client, consents, cleared_for, at)
    if not consents:
        client.consent_at = None
    elif client.consent_at is None:
        client.consent_at = at
    new = client.pk is None
    client.save()
    client.cleared_for.set(cleared_for)
    said = {"client": client.code, "consents": consents, "new": new}
    log(exam_day, "practicals.client", user=by, data=said, timestamp=at)
    return client


def _require_sound(
    client: ClientModel, consents: bool, cleared_for: Collection[Station], at: datetime
) -> None:
    errors: dict[str, list[str]] = {}
    same = client.exam_day.clients.filter(code=client.code).exclude(pk=client.pk)
    if not client.code or same.exists():
        errors["code"] = [_("Give a code that no other client model of this day has.")]
    if client.screened_on and client.screened_on > at.date():
        errors["screened_on"] = [_("Choose today or a day before.")]
    if consents:
        if not client.is_adult:
            errors["is_adult"] = [_("Rule R39: client models are of age.")]
        if not client.screened_on:
            errors["screened_on"] = [_("Rule R39: nobody consents before they were screened.")]
        if not client.told_right_to_stop:
            errors["told_right_to_stop"] = [_("Rule R39: tell them first that they may stop.")]
    placed = client.places.select_related("station__checklist") if client.pk else []
    allowed = {station.pk for station in cleared_for} if consents else set()
    lost = {row.station.checklist.code for row in placed if row.station_id not in allowed}
    if lost:
        field = "cleared_for" if consents else "consents"
        errors[field] = [
            _("They stand at %(stations)s. Put somebody else there first.")
            % {"stations": ", ".join(sorted(lost))}
        ]
    if errors:
        raise Invalid("not_sound", _("This cannot be written down so."), fields=errors)


@transaction.atomic
def place_client(
    *,
    client: ClientModel,
    station: Station,
    by: User | None,
    at: datetime,
    appointment: Appointment | None = None,
) -> ClientPlace:
    """Put a client model at a station for the whole day, or for one candidate, in place of whoever is there. Safe to call twice.

    Raises Forbidden (R39) for somebody not consenting or not cleared for the station, or at another one then; Invalid for another day's station.
    """
    require_role(by, Role.REGISTRAR)
    grid = Grid(lock_day(client.exam_day_id))
    client = ClientModel.objects.select_for_update().get(pk=client.pk)
    if station.pk not in grid.stations:
        said = _("Choose a station of this day.")
        raise Invalid("not_drawn", said, fields={"station": [said]})
    if appointment and appointment.pk not in grid.appointments:
        raise Missing("no_appointment", _("There is no such appointment."))
    _require_cleared(client, station)
    _require_free(grid, client, station, appointment)
    row, _new = ClientPlace.objects.update_or_create(
        exam_day=grid.exam_day,
        station=station,
        appointment=appointment,
        defaults={"client": client},
    )
    data = {
        "client": client.code,
        "station": station.checklist.code,
        "candidate": appointment.candidate_number if appointment else None,
    }
    log(grid.exam_day, "practicals.place_client", user=by, data=data, timestamp=at)
    return row


def _require_cleared(client: ClientModel, station: Station) -> None:
    given = {"client": client, "station": station.checklist.code}
    if client.withdrew_at:
        raise Forbidden("R39", _("Rule R39: %(client)s has stopped.") % given)
    if not client.is_ready:
        raise Forbidden("R39", _("Rule R39: %(client)s has not consented yet.") % given)
    if not client.cleared_for.filter(pk=station.pk).exists():
        raise Forbidden("R39", _("Rule R39: %(client)s is not cleared for %(station)s.") % given)


def _require_free(
    grid: Grid, client: ClientModel, station: Station, appointment: Appointment | None
) -> None:
    """Nobody lies on two tables at once."""
    stands = placed_on(grid, client)
    wanted = {
        cell.round
        for cell in grid.cells
        if cell.station == station.pk and (appointment is None or cell.candidate == appointment.pk)
    }
    whole_day = appointment is None and any(
        row.client_id == client.pk and row.station_id != station.pk and row.appointment_id is None
        for row in grid.exam_day.client_places.all()
    )
    other = {place for place, rounds in stands.items() if place != station.pk and rounds & wanted}
    if other or whole_day:
        codes = [grid.stations[pk].checklist.code for pk in other if pk in grid.stations]
        raise Forbidden(
            "R39",
            _("Rule R39: %(client)s is at another table at that time (%(stations)s).")
            % {"client": client, "stations": ", ".join(sorted(codes)) or _("the whole day")},
        )


def placed_on(grid: Grid, client: ClientModel) -> dict[int, set[tuple[int, int]]]:
    """In which rounds a client model is at which station."""
    whole, single = _places(grid.exam_day.client_places.select_related("client"))
    found: dict[int, set[tuple[int, int]]] = {}
    for cell in grid.cells:
        there = single.get((cell.candidate, cell.station)) or whole.get(cell.station)
        if there and there.pk == client.pk:
            found.setdefault(cell.station, set()).add(cell.round)
    return found


def _places(
    rows: Iterable[ClientPlace],
) -> tuple[dict[int, ClientModel], dict[tuple[int, int], ClientModel]]:
    whole, single = {}, {}
    for row in rows:
        if row.appointment_id is None:
            whole[row.station_id] = row.client
        else:
            single[row.appointment_id, row.station_id] = row.client
    return whole, single


@transaction.atomic
def client_stops(*, client: ClientModel, by: User | None, at: datetime) -> ClientModel:
    """A client model uses the right to stop: at once, without a reason, for the rest of the day. Safe to call twice."""
    require_role(by, Role.REGISTRAR)
    exam_day = lock_day(client.exam_day_id)
    client = ClientModel.objects.select_for_update().get(pk=client.pk)
    if client.withdrew_at:
        return client
    client.withdrew_at = at
    client.save(update_fields=["withdrew_at"])
    stood = list(client.places.values_list("station__checklist__code", flat=True))
    client.places.all().delete()
    data = {"client": client.code, "stations": sorted(set(stood))}
    log(exam_day, "practicals.client_stops", user=by, data=data, timestamp=at)
    return client


def clients_of(assignments: Iterable[Assignment]) -> dict[int, ClientModel]:
    """The client model at each of these assignments, by the assignment's primary key. One query, whatever their number."""
    rows = list(assignments)
    days = {row.appointment.exam_day_id for row in rows} - {None}
    if not days:
        return {}
    places: dict[int | None, list[ClientPlace]] = {}
    for place in ClientPlace.objects.filter(exam_day__in=days).select_related("client"):
        places.setdefault(place.exam_day_id, []).append(place)
    by_day = {day: _places(of_day) for day, of_day in places.items()}
    found = {}
    for row in rows:
        whole, single = by_day.get(row.appointment.exam_day_id, ({}, {}))
        client = single.get((row.appointment_id, row.station_id)) or whole.get(row.station_id)
        if client:
            found[row.pk] = client
    return found
