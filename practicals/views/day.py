"""What else a registrar does with an exam day: takes an examiner off, hands a begun sheet over, cancels the day, prints the plan."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from accounts.services import Invalid, Refusal
from accounts.web import role_required
from practicals import services
from practicals.forms import ReasonForm
from practicals.forms_day import HandOverForm, InsteadForm
from practicals.models import Assignment, ExamDay
from practicals.services.grid import examiners_of
from practicals.signed_in import PersonRequest
from practicals.views.cards import station_cards
from practicals.views.plan import DayPlan
from practicals.views.printing import PARTS, door_list, tasks_by_examiner
from practicals.views.registrar import day_of, day_page


@require_POST
@role_required(Role.REGISTRAR)
def take_off(request: PersonRequest, uuid: UUID, examiner: UUID) -> HttpResponse:
    """An examiner leaves the day; what they have not begun is filled again."""
    day = day_of(request, uuid)
    person = get_object_or_404(User, uuid=examiner)
    form = InsteadForm(request.POST, examiners=User.objects.filter(pk__in=_others(day, person)))
    if not form.is_valid():
        return day_page(request, day)
    try:
        left = services.take_off(
            exam_day=day,
            examiner=person,
            instead=form.cleaned_data["instead"],
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal)
    (messages.warning if left.open or left.begun else messages.success)(
        request, words_of(person, left)
    )
    return redirect("exam-day", uuid=uuid)


def _others(day: ExamDay, person: User) -> list[int]:
    return [one.pk for one in examiners_of(day) if one.pk != person.pk]


def words_of(person: User, left: services.Left) -> str:
    """What became of the places of somebody who left, in sentences."""
    said = [_("%(name)s is taken off this day.") % {"name": person}]
    if left.filled:
        words = ngettext(
            "One place is filled again.", "%(n)s places are filled again.", left.filled
        )
        said.append(words % {"n": left.filled})
    if left.open:
        words = ngettext(
            "One place is open: no examiner of the day may fill it.",
            "%(n)s places are open: no examiner of the day may fill them.",
            left.open,
        )
        said.append(words % {"n": left.open})
    if left.signed:
        words = ngettext(
            "One signed sheet is kept and counts.",
            "%(n)s signed sheets are kept and count.",
            len(left.signed),
        )
        said.append(words % {"n": len(left.signed)})
    if left.begun:
        words = ngettext(
            "One sheet is begun and waits for their signature; below it can be handed over.",
            "%(n)s sheets are begun and wait for their signature; below they can be handed over.",
            len(left.begun),
        )
        said.append(words % {"n": len(left.begun)})
    return " ".join(said)


@require_POST
@role_required(Role.REGISTRAR)
def hand_over(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """A begun sheet goes to somebody else who stood there."""
    row = get_object_or_404(Assignment.objects.select_related("appointment"), uuid=uuid)
    day = get_object_or_404(ExamDay.objects.visible_to(request.user), appointments=row.appointment)
    people = User.objects.filter(pk__in=[one.pk for one in examiners_of(day)])
    form = HandOverForm(request.POST, examiners=people)
    if not form.is_valid():
        said = str(next(iter(form.errors.values()))[0])
        return day_page(request, day_of(request, day.uuid), refusal=Invalid("invalid", said))
    try:
        services.hand_over(assignment=row, **form.cleaned_data, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return day_page(request, day_of(request, day.uuid), refusal=refusal)
    words = _("%(name)s goes on, with a sheet of their own. The begun one is kept.")
    messages.success(request, words % {"name": form.cleaned_data["examiner"]})
    return redirect("exam-day", uuid=day.uuid)


@require_POST
@role_required(Role.REGISTRAR)
def cancel_day(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The whole day does not take place."""
    day = day_of(request, uuid)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.cancel_day(exam_day=day, reason=reason, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal)
    messages.success(request, _("The day is cancelled. Candidates and examiners are told why."))
    return redirect("exam-day", uuid=uuid)


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def printed(request: PersonRequest, uuid: UUID, part: str) -> HttpResponse:
    """The plan on paper: the registrar's whole grid, a page for each examiner (numbers only), the list at the door, or what
    candidates read at each station.
    """
    day = day_of(request, uuid)
    plan = DayPlan(day)
    context = {
        "role_name": _("registrar"),
        "day": day,
        "plan": plan,
        "part": part,
        "parts": [(name, words, name == part) for name, words in PARTS.items()],
        "pages": tasks_by_examiner(plan) if part == "examiners" else [],
        "door": door_list(plan) if part == "door" else [],
        "cards": station_cards(day, request) if part == "cards" else [],
        "crumbs": [
            (_("Exam days"), "/exam-days/"),
            (str(day), f"/exam-days/{day.uuid}/"),
            (PARTS[part], ""),
        ],
    }
    return render(request, "practicals/print_day.html", context)
