"""HTML pages of accounts: one's own account, notices, and invitations."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AccommodationForm, InvitationForm, NameOnlyForm
from accounts.models import Accommodation, Invitation, Notice, Role, User
from accounts.services import (
    Missing,
    Refusal,
    accept_invitation,
    accommodate,
    accommodation_of,
    invite,
    read_all_notices,
    read_notice,
    rename,
    roles_to_invite_to,
    withdraw_invitation,
)
from accounts.web import PersonRequest, refused, role_required

NOTICES_A_PAGE = 20


@role_required()
@require_http_methods(["GET", "POST"])
def account(request: PersonRequest) -> HttpResponse:
    """One's name, and the way to everything else that is one's own."""
    form = NameOnlyForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        rename(
            user=request.user, name=form.cleaned_data["name"], by=request.user, at=timezone.now()
        )
        messages.success(
            request, _("Your name is changed. What was issued keeps the name it was issued to.")
        )
        return redirect("account")
    own = accommodation_of(request.user)
    return render(request, "accounts/account.html", {"form": form, "accommodation": own})


# Accommodations


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def accommodation(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """What somebody gets in every examination, and what was decided before."""
    person = User.objects.filter(uuid=uuid).first()
    if person is None:
        return refused(request, Missing("no_person", _("There is no such person.")))
    now = accommodation_of(person)
    names = AccommodationForm.base_fields
    form = AccommodationForm(
        request.POST or None, initial={name: getattr(now, name) for name in names} if now else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            accommodate(person=person, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refusal as refusal:
            return refused(request, refusal)
        said = _("Decided. It holds for every examination %(name)s starts from now on.")
        messages.success(request, said % {"name": person})
        return redirect("accommodation", uuid)
    rows = Accommodation.objects.filter(person=person).select_related("by").order_by("-sequence")
    return render(
        request,
        "accounts/accommodation.html",
        {"person": person, "form": form, "decisions": rows, "role_name": _("registrar")},
        status=400 if form.errors else 200,
    )


# Notices


@role_required()
def notices(request: PersonRequest) -> HttpResponse:
    """What one was told, the newest first."""
    rows = Notice.objects.visible_to(request.user)
    page = Paginator(rows, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/notices.html",
        {
            "page": page,
            "unread": rows.unread().count(),
            "previous": f"?page={page.previous_page_number()}" if page.has_previous() else None,
            "next": f"?page={page.next_page_number()}" if page.has_next() else None,
        },
    )


@role_required()
@require_POST
def open_notice(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    try:
        notice = read_notice(uuid=uuid, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    return redirect(notice.url or "notices")


@role_required()
@require_POST
def read_all(request: PersonRequest) -> HttpResponse:
    read_all_notices(by=request.user, at=timezone.now())
    return redirect("notices")


# Invitations


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What somebody is invited to, by whom; who is signed in with that address accepts it here.

    The page says the same whether or not the address has an account.
    """
    row = Invitation.objects.select_related("invited_by").filter(uuid=uuid).first()
    if row is None:
        gone = _(
            "This invitation does not exist. Look whether the link is complete, or ask for a new one."
        )
        return refused(request, Missing("no_invitation", gone))
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        try:
            accept_invitation(uuid=uuid, user=request.user, at=timezone.now())
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(request, _("Welcome. This is your desk."))
        return redirect("desk")
    mine = request.user.is_authenticated and request.user.email.lower() == row.email.lower()
    come_back = {"next": request.path}
    return render(
        request,
        "accounts/invitation.html",
        {
            "invitation": row,
            "mine": mine,
            "is_open": not row.accepted_at and row.expires_at > timezone.now(),
            "sign_up": f"{reverse('account_signup')}?{urlencode({**come_back, 'email': row.email})}",
            "sign_in": f"{reverse('account_login')}?{urlencode(come_back)}",
        },
    )


@role_required(Role.REGISTRAR, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def invite_somebody(request: PersonRequest) -> HttpResponse:
    """Invite somebody to one or more roles; below, the invitations that are still open."""
    now = timezone.now()
    allowed = roles_to_invite_to(request.user)
    form = InvitationForm(request.POST or None, roles=allowed)
    if request.method == "POST" and form.is_valid():
        try:
            row = invite(**form.cleaned_data, by=request.user, at=now)
        except Refusal as refusal:
            for name, errors in refusal.fields.items():
                form.add_error(name, errors)
            if not refusal.fields:
                form.add_error(None, refusal.sentence)
        else:
            sent = _("The invitation for %(name)s is on its way to %(email)s.")
            messages.success(request, sent % {"name": row.name, "email": row.email})
            return redirect("invite")
    waiting = Invitation.objects.open(now).select_related("invited_by")
    return render(
        request,
        "accounts/invite.html",
        {"form": form, "invitations": waiting},
        status=400 if form.errors else 200,
    )


@role_required(Role.REGISTRAR, Role.ADMINISTRATOR)
@require_POST
def withdraw(request: PersonRequest, uuid: UUID) -> HttpResponse:
    try:
        row = withdraw_invitation(uuid=uuid, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(request, _("The invitation of %(name)s no longer works.") % {"name": row.name})
    return redirect("invite")
