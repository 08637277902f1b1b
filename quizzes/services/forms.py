"""Fixed forms: drawn once or chosen by hand, checked, locked by two people, in use until retired."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import rfc8785
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing
from ledger.models import plain
from quizzes import blueprint
from quizzes.models import Form, FormItem, FormSignature, ItemVersion, Life, Pool, Quiz
from quizzes.services.drawing import bank_of

OVERLAP_MAX = 30  # per cent of a form that may stand in the one before it (domain.md R22)
SIGNATURES = 2


@dataclass(frozen=True)
class FormRow:
    """A question of a form, as its readers see it. Two queries for a form, see `rows_of`."""

    position: int
    version: ItemVersion
    scored: bool

    @property
    def candidate(self) -> blueprint.Candidate:
        item = self.version.item
        return blueprint.Candidate(
            self.version.pk,
            self.version.domain_code,
            self.version.level,
            frozenset(item.must_cover),
            self.version.points,
        )


def rows_of(form: Form) -> list[FormRow]:
    rows = form.items.select_related("version__item", "version__domain").order_by("position")
    return [FormRow(row.position, row.version, row.scored) for row in rows]


# Making


@transaction.atomic
def draw_form(*, quiz: Quiz, by: User, at: datetime, seed: int | None = None) -> Form:
    """A new form, open to change, drawn from the bank: what stands in the form before it comes last. Raises Forbidden, Conflict."""
    _require_maker(by)
    quiz = Quiz.objects.select_for_update().get(pk=quiz.pk)
    bank = bank_of(quiz, at)
    seed = secrets.randbits(63) if seed is None else seed
    before = _items_of(_last_locked(quiz))
    every = {**bank.active, **bank.pilot}
    seen = frozenset(row.version for item, row in every.items() if item in before)
    try:
        drawn = blueprint.draw(bank.cells, bank.active.values(), quiz.must_cover, seed, seen)
    except blueprint.CannotDraw as lack:
        raise Conflict(
            "bank_too_small", _("The bank is too small for a form: %(which)s.") % {"which": lack}
        ) from lack
    mixed = blueprint.mix_in(drawn, bank.pilot.values(), quiz.pilot_items, seed, seen)
    form = _new_form(quiz, by, at, seed)
    _write(form, [(row.version, scored) for row, scored in mixed])
    return form


@transaction.atomic
def new_form(*, quiz: Quiz, by: User, at: datetime) -> Form:
    """An empty form, to be filled by hand."""
    _require_maker(by)
    return _new_form(Quiz.objects.select_for_update().get(pk=quiz.pk), by, at, None)


def _new_form(quiz: Quiz, by: User, at: datetime, seed: int | None) -> Form:
    last = quiz.forms.order_by("-number").first()
    return Form.objects.create(
        quiz=quiz,
        number=last.number + 1 if last else 1,
        pass_percent=quiz.pass_percent,
        seed=seed,
        made_by=by,
        made_at=at,
    )


@transaction.atomic
def set_form(
    *,
    form: Form,
    by: User,
    at: datetime,
    items: Sequence[tuple[UUID, bool]] | None = None,
    pass_percent: Decimal | None = None,
    standard: str | None = None,
) -> Form:
    """Change an open form: its questions (version uuid, scored) in order, its pass mark, how that was set. What was signed before is void
    then, because its hash is another. Raises Forbidden, Conflict when locked, Invalid for versions that are none or stand twice.
    """
    _require_maker(by)
    form = _open_form(form)
    if pass_percent is not None:
        if not 0 <= pass_percent <= 100:
            raise Invalid(
                "pass_mark",
                _("A pass mark is a percentage."),
                fields={"pass_percent": [_("Enter a number from 0 to 100.")]},
            )
        form.pass_percent = Decimal(pass_percent)
    if standard is not None:
        form.standard = standard.strip()
    form.save(update_fields=["pass_percent", "standard"])
    if items is not None:
        versions = {
            row.uuid: row.pk
            for row in ItemVersion.objects.filter(
                uuid__in=[uuid for uuid, _scored in items], pool=form.quiz.pool
            )
        }
        if len(versions) != len(items):
            raise Invalid(
                "items",
                _("A form asks questions of its own pool, each once."),
                fields={"items": [_("Some are not there, not of this pool, or stand twice.")]},
            )
        _write(form, [(versions[uuid], scored) for uuid, scored in items])
    return form


def _write(form: Form, chosen: Sequence[tuple[int, bool]]) -> None:
    FormItem.objects.filter(form=form).delete()
    FormItem.objects.bulk_create(
        FormItem(form=form, position=position, version_id=version, scored=scored)
        for position, (version, scored) in enumerate(chosen, start=1)
    )


def _open_form(form: Form) -> Form:
    form = Form.objects.select_for_update().select_related("quiz__activity").get(pk=form.pk)
    if form.locked_at:
        raise Conflict("locked", _("This form is locked. Make a new one."))
    return form


def _require_maker(by: User) -> None:
    if not by.has_role(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER):
        raise Forbidden(
            "wrong_role", _("Forms are put together by item authors and item reviewers.")
        )


# Checking


@dataclass(frozen=True)
class FormProblem:
    """Why a form cannot be locked: `kind` is blueprint, enemies, overlap, not_in_use, old_version, standard or empty."""

    kind: str
    sentence: str


def form_problems(form: Form) -> list[FormProblem]:
    """Everything that stands in the way of locking it. A fixed number of queries."""
    rows = rows_of(form)
    if not rows:
        return [FormProblem("empty", _("It has no questions yet."))]
    return [
        *_blueprint_problems(form, rows),
        *_item_problems(rows),
        *_enemy_problems(rows),
        *_overlap_problems(form, rows),
        *(
            []
            if form.standard
            else [FormProblem("standard", _("It does not say how its pass mark was set."))]
        ),
    ]


def _blueprint_problems(form: Form, rows: Sequence[FormRow]) -> list[FormProblem]:
    cells = [
        blueprint.Cell(*row)
        for row in form.quiz.cells.values_list("domain__code", "level", "count")
    ]
    scored = [row.candidate for row in rows if row.scored]
    return [
        FormProblem(
            "blueprint",
            _("%(what)s: %(found)s where the blueprint has %(wanted)s.")
            % {"what": fault.what, "found": fault.found, "wanted": fault.wanted},
        )
        for fault in blueprint.faults(cells, scored, form.quiz.must_cover)
    ]


def _item_problems(rows: Sequence[FormRow]) -> list[FormProblem]:
    newest = set(
        ItemVersion.objects.current()
        .filter(item__in=[row.version.item_id for row in rows])
        .values_list("pk", flat=True)
    )
    found = []
    for row in rows:
        item = row.version.item
        wanted = Life.ACTIVE if row.scored else Life.PILOT
        if item.life != wanted:
            said = {"code": item.code, "life": Life(item.life).label}
            sentence = (
                _("%(code)s is scored and not active (%(life)s).")
                if row.scored
                else _("%(code)s is a pilot question and not on trial (%(life)s).")
            )
            found.append(FormProblem("not_in_use", sentence % said))
        elif row.version.pk not in newest:
            sentence = _("%(code)s stands in a newer version.") % {"code": item.code}
            found.append(FormProblem("old_version", sentence))
    return found


def _enemy_problems(rows: Sequence[FormRow]) -> list[FormProblem]:
    from quizzes.models import Item

    codes = {row.version.item_id: row.version.item.code for row in rows}
    pairs = Item.enemies.through.objects.filter(from_item__in=codes, to_item__in=codes)
    enemies = {frozenset(pair) for pair in pairs.values_list("from_item", "to_item")}
    return [
        FormProblem(
            "enemies",
            _("%(one)s and %(other)s are enemies.") % {"one": codes[one], "other": codes[other]},
        )
        for one, other in combinations(sorted(codes), 2)
        if frozenset((one, other)) in enemies
    ]


def overlap_with_last(form: Form, rows: Sequence[FormRow]) -> tuple[Form | None, int]:
    """The form locked before this one, and how many of this form's questions it asked."""
    last = _last_locked(form.quiz, before=form)
    return last, len(_items_of(last) & {row.version.item_id for row in rows})


def _overlap_problems(form: Form, rows: Sequence[FormRow]) -> list[FormProblem]:
    last, shared = overlap_with_last(form, rows)
    if last is None or shared * 100 <= OVERLAP_MAX * len(rows):
        return []
    return [
        FormProblem(
            "overlap",
            _(
                "%(shared)d of %(all)d questions stand in form %(number)d too; at most %(most)d %% may."
            )
            % {"shared": shared, "all": len(rows), "number": last.number, "most": OVERLAP_MAX},
        )
    ]


def _last_locked(quiz: Quiz, before: Form | None = None) -> Form | None:
    forms = quiz.forms.filter(locked_at__isnull=False)
    if before is not None:
        forms = forms.filter(number__lt=before.number)
    return forms.order_by("-number").first()


def _items_of(form: Form | None) -> set[int]:
    if form is None:
        return set()
    return set(form.items.order_by().values_list("version__item", flat=True))


# Locking


def hash_of(form: Form) -> str:
    """SHA-256 of the RFC 8785 form of what is signed: the quiz, the number, the pass mark and how it was set, each version with its own hash."""
    rows = form.items.order_by("position").values_list(
        "position", "version__uuid", "version__hash", "scored"
    )
    content: dict[str, Any] = {
        "form": str(form.uuid),
        "quiz": str(form.quiz.activity.uuid),
        "number": form.number,
        "pass_percent": plain(Decimal(form.pass_percent)),
        "standard": form.standard,
        "items": [
            {"position": position, "version": str(uuid), "hash": digest, "scored": scored}
            for position, uuid, digest, scored in rows
        ],
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


@transaction.atomic
def sign_form(*, form: Form, form_hash: str, by: User, at: datetime) -> Form:
    """Somebody who has read the form signs it as they saw it (`form_hash`). The second signature, of another person, locks it.

    Signing twice changes nothing. Raises Forbidden, Conflict when it is locked, has changed since it was read, or has problems.
    """
    _require_maker(by)
    form = _open_form(form)
    current = hash_of(form)
    if form_hash != current:
        raise Conflict("changed", _("The form has changed since you read it. Read it again."))
    problems = form_problems(form)
    if problems:
        raise Conflict("problems", " ".join(problem.sentence for problem in problems))
    signed = form.signatures.filter(form_hash=current)
    if not signed.filter(signer=by).exists():
        FormSignature.objects.append(
            chain=f"form:{form.uuid}", at=at, form=form, signer=by, form_hash=current
        )
    if signed.count() >= SIGNATURES:
        form.hash, form.locked_at = current, at
        form.save(update_fields=["hash", "locked_at"])
    return form


@transaction.atomic
def retire_form(*, form: Form, by: User, at: datetime) -> Form:
    """A locked form is asked no more. Attempts that run go on. Safe to call twice. Raises Forbidden, Conflict when it was never locked."""
    if not by.has_role(Role.ITEM_REVIEWER):
        raise Forbidden("wrong_role", _("Forms are retired by item reviewers."))
    form = Form.objects.select_for_update().get(pk=form.pk)
    if form.locked_at is None:
        raise Conflict("not_locked", _("Only a locked form is in use and can be retired."))
    if form.retired_at is None:
        form.retired_at = at
        form.save(update_fields=["retired_at"])
    return form


@transaction.atomic
def throw_form_away(*, form: Form, by: User, at: datetime) -> None:
    """An open form that nobody has signed is deleted. Raises Forbidden, Conflict."""
    _require_maker(by)
    form = _open_form(form)
    if form.signatures.exists():
        raise Conflict("signed", _("Somebody has signed this form; it is kept."))
    form.delete()


def form_of(*, uuid: UUID, by: User) -> Form:
    """A form that a person may read. Raises Forbidden, Missing."""
    _require_maker(by)
    form = Form.objects.select_related("quiz__activity").filter(uuid=uuid).first()
    if form is None:
        raise Missing("no_form", _("There is no such form."))
    return form


def is_intact(form: Form) -> bool:
    """Whether a locked form still is what was signed."""
    return form.locked_at is not None and hash_of(form) == form.hash


def secure_quizzes() -> list[Quiz]:
    """The examinations forms are made for."""
    rows = Quiz.objects.filter(pool=Pool.SECURE).select_related("activity")
    return list(rows.order_by("activity__title"))
