"""The life of a station: published, moved by a reviewer, retired (R16, R21). The steps are those of every bank (courses/bank)."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Revision

from accounts.models import Role, User
from accounts.services import Conflict, Refusal
from courses.bank import life
from courses.bank.banks import Bank, Words
from practicals import lifecycle
from practicals.models import (
    Checklist,
    ChecklistReviewTask,
    ChecklistVersion,
    Life,
    Station,
    StationTransition,
    StationView,
    readable_pools,
)
from practicals.services.checklists import freeze_checklist, require_version
from practicals.services.readiness import lacks_of, texts_of

STATIONS = Bank(
    name="station",
    verb="practicals.life",
    workflow="Checklist review",
    model=Checklist,
    transition=StationTransition,
    reading=StationView,
    task=ChecklistReviewTask,
    life=Life,
    moves=lifecycle.MOVES,
    reviewers=(Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER),
    readable_pools=readable_pools,
    lacks_of=lacks_of,
    texts_of=texts_of,
    freeze=freeze_checklist,
    words=Words(
        only_reviewers=gettext_lazy("Only a reviewer of stations does this."),
        wrote=gettext_lazy(
            "Rule R2: nobody decides on a station they wrote. Another reviewer has to."
        ),
        wrote_part=gettext_lazy(
            "Rule R2: nobody decides on a station they wrote any part of. Another reviewer has to."
        ),
        pool_closed=gettext_lazy(
            "Stations that are examined are read by their authors, reviewers and chief examiners only."
        ),
        retired=gettext_lazy("This station is retired. Write a new one in its place."),
        in_review=gettext_lazy("This station is under review already."),
        not_the_author=gettext_lazy("Only who wrote or submitted a station withdraws it."),
        no_life=gettext_lazy("There is no such state of a station."),
        no_move=gettext_lazy("A station that is %(before)s cannot become %(after)s."),
        say_why=gettext_lazy("Say why: the comment stays in the station's history."),
        passed_over=gettext_lazy("Passed over: the station touches no contested claim."),
        brought_along=gettext_lazy("In use before the bank kept the life of its stations."),
    ),
)


def publish_checklist(
    *, checklist: Checklist, revision: Revision | None, at: datetime
) -> ChecklistVersion:
    """A station has been published: see `courses.bank.life.publish`."""
    return life.publish(STATIONS, entry=checklist, revision=revision, at=at)


def retire_unpublished(*, checklist: Checklist, at: datetime) -> None:
    """A station has been taken off by a schedule or a program: it is retired. Safe to call twice."""
    life.retire_unpublished(STATIONS, entry=checklist, at=at)


def bring_along(*, at: datetime) -> int:
    """Give stations from before there was a life of stations the one they have led. Safe to call twice."""
    return life.bring_along(STATIONS, at=at)


def move_checklist(
    *, checklist: Checklist, to: str, comment: str, by: User, at: datetime
) -> Checklist:
    """A reviewer brings an approved station into use, out of it, or to its end: see `courses.bank.life.move`.

    What was scored on it stays; exam days that have assigned it keep their version, and no other day draws it.
    """
    return life.move(STATIONS, entry=checklist, to=to, comment=comment, by=by, at=at)


def moves_of(*, checklist: Checklist, by: User) -> list[Life]:
    """Where a person may bring a station."""
    return life.moves_of(STATIONS, entry=checklist, by=by)


def bar_to_moving(*, checklist: Checklist, by: User) -> Refusal | None:
    """Why somebody may not decide about a station's life, if they may not."""
    return life.bar_to_moving(STATIONS, entry=checklist, by=by)


# Being examined


def require_in_use(checklist: Checklist) -> None:
    """Raise Conflict unless the station may be put on an exam day: active, secure."""
    if checklist.life != Life.ACTIVE:
        raise Conflict(
            "station_not_active",
            _("Station %(code)s is %(life)s; only an active station is examined.")
            % {"code": checklist.code, "life": Life(checklist.life).label},
        )
    if checklist.open_for_practice:
        raise Conflict(
            "practice_station",
            _("Station %(code)s is open to students for practice; it is never examined.")
            % {"code": checklist.code},
        )


def version_to_examine(checklist: Checklist) -> ChecklistVersion:
    """The version scored at a station of an exam day from now on. Raises Conflict unless the station is active and was published."""
    require_in_use(checklist)
    return require_version(checklist)


def places_of(checklist: Checklist) -> list[Station]:
    """The exam plans that place a station, with their activity. One query."""
    return list(checklist.stations.select_related("plan__activity").order_by("plan"))
