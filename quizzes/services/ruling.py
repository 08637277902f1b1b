"""Rulings on questions that turned out to be wrong, and what follows from them.

Order of locks: the item, then its attempts in order of primary key. No learner is locked: a ruling writes results and tells nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid
from credentials.models import Credential, Evidence
from quizzes.models import Attempt, Item, ItemRuling, ItemVersion, Pool, ResultVersion
from quizzes.rulings import faults_of
from quizzes.services.results import (
    counting_rows,
    result_of,
    rulings_on,
    totals_of,
    write_result,
)

REASONS_MAX = 4000


def bar_to_ruling(*, item: Item, by: User) -> Forbidden | None:
    """Why this person may not rule on this item."""
    if not by.has_role(Role.ITEM_REVIEWER):
        return Forbidden("wrong_role", _("Questions are ruled on by item reviewers."))
    if item.author_id == by.pk:
        return Forbidden("R2", _("Rule R2: whoever wrote a question does not rule on it."))
    return None


@transaction.atomic
def rule_on_item(
    *, version: ItemVersion, kind: str, also: Sequence[Any], reasons: str, by: User, at: datetime
) -> ItemRuling:
    """Rule on a version of a question: it counts for nobody, for everybody, also with other answers, or stands. The newest ruling holds.

    Every submitted attempt that met it and whose points change has a new result; whoever was told another is told it by a registrar only.
    Raises Forbidden (R2) for its author, Invalid, Conflict for what holds already.
    """
    item = Item.objects.select_for_update().get(pk=version.item_id)
    bar = bar_to_ruling(item=item, by=by)
    if bar:
        raise bar
    also = list(also)
    problems = _problems(version, kind, also, reasons)
    if problems:
        raise Invalid("ruling", _("This is no ruling. See `errors`."), fields=problems)
    before = version.rulings.order_by("-sequence").first()
    if (before is None and kind == ItemRuling.Kind.STANDS) or (
        before and (before.kind, before.also) == (kind, also)
    ):
        raise Conflict("same_ruling", _("This is how it is marked already."))
    ruling = ItemRuling.objects.append(
        chain=f"rulings:{version.uuid}",
        at=at,
        version=version,
        kind=kind,
        also=also,
        reasons=reasons.strip(),
        by=by,
    )
    apply_ruling(ruling=ruling, at=at)
    # Once more when this is committed: an attempt may begin and end while it is not.
    from quizzes.tasks import catch_up

    catch_up.enqueue(ruling.pk)
    return ruling


def _problems(
    version: ItemVersion, kind: str, also: list[Any], reasons: str
) -> dict[str, list[str]]:
    problems = {}
    if version.pool != Pool.SECURE:
        problems["version"] = [
            _(
                "On practice nothing rests. Correct the question; the next attempts meet the new one."
            )
        ]
    if kind not in ItemRuling.Kind.values:
        problems["kind"] = [_("Choose a ruling.")]
    elif wrong := faults_of(version.content, kind, also):
        problems["also"] = wrong
    if not reasons.strip() or len(reasons) > REASONS_MAX or "\0" in reasons:
        problems["reasons"] = [
            _("Give your reasons, in at most %(n)s characters.") % {"n": REASONS_MAX}
        ]
    return problems


@transaction.atomic
def apply_ruling(*, ruling: ItemRuling, at: datetime) -> int:
    """Write the results that follow from the rulings in force for every submitted attempt that met the question; returns how many changed.

    Safe to call twice: where neither points nor what they are out of change, nothing is written.
    """
    met = Attempt.objects.filter(
        responses__item_version=ruling.version_id, responses__scored=True
    ).order_by("pk")
    changed = 0
    for pk in list(met.values_list("pk", flat=True).distinct()):
        attempt = Attempt.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=pk)
        # One that is open is marked with this ruling when it is submitted.
        if attempt.submitted_at:
            changed += _mark_anew(attempt, ruling, at)
    return changed


def _mark_anew(attempt: Attempt, ruling: ItemRuling, at: datetime) -> bool:
    rows, before = counting_rows(attempt), result_of(attempt)
    if before.standing == ResultVersion.Standing.VOID:
        return False
    in_force = rulings_on(row.item_version_id for row in rows)
    if totals_of(attempt.quiz, rows, in_force) == (before.points, before.out_of):
        return False
    write_result(attempt, rows, after=before, reason=ruling.mark, at=at, in_force=in_force)
    return True


# What follows


@dataclass(frozen=True)
class Affected:
    """A credential that rests on an attempt whose pass a ruling takes away; `also_on_another`: on another pass as well."""

    credential: Credential
    also_on_another: bool


@dataclass(frozen=True)
class Touched:
    """An attempt with another result than before: `before` is what the candidate was told, or the result before where they were told nothing.

    `newest` is what stands now, `released` whether the candidate has been told it.
    """

    attempt: Attempt
    before: ResultVersion
    after: ResultVersion
    newest: ResultVersion
    was_told: bool
    released: bool
    credentials: tuple[Affected, ...] = ()

    @property
    def rises(self) -> bool:
        return self.after.passed and not self.before.passed

    @property
    def falls(self) -> bool:
        return self.before.passed and not self.after.passed

    @property
    def to_decide(self) -> bool:
        """Whether a pass that was told waits for a person to let it stand or take it back."""
        return self.falls and self.was_told and not self.released and not self.newest.passed


@dataclass(frozen=True)
class Ripple:
    """What a ruling moved."""

    ruling: ItemRuling
    met: int
    touched: list[Touched]

    @property
    def rising(self) -> list[Touched]:
        return [row for row in self.touched if row.rises]

    @property
    def falling(self) -> list[Touched]:
        return [row for row in self.touched if row.falls]

    @property
    def credentials(self) -> list[Affected]:
        return [found for row in self.falling for found in row.credentials]


def ripple_of(ruling: ItemRuling) -> Ripple:
    """The attempts a ruling touched, the outcomes that flip, and the credentials that rest on a pass that is lost. Seven queries at most."""
    after = {
        row.attempt_id: row
        for row in ResultVersion.objects.filter(reason=ruling.mark).order_by("pk")
    }
    results = defaultdict(list)
    for row in (
        ResultVersion.objects.filter(attempt__in=after)
        .select_related("release")
        .order_by("version")
    ):
        results[row.attempt_id].append(row)
    attempts = Attempt.objects.filter(pk__in=after).select_related("quiz__activity", "learner")
    touched = [
        _touched(attempt, results[attempt.pk], after[attempt.pk])
        for attempt in attempts.order_by("submitted_at", "pk")
    ]
    resting = credentials_on([row.attempt for row in touched if row.falls])
    met = Attempt.objects.filter(
        submitted_at__isnull=False,
        responses__item_version=ruling.version_id,
        responses__scored=True,
    )
    return Ripple(
        ruling,
        met.distinct().count(),
        [
            Touched(**{**row.__dict__, "credentials": tuple(resting[row.attempt.pk])})
            for row in touched
        ],
    )


def _touched(attempt: Attempt, results: Sequence[ResultVersion], after: ResultVersion) -> Touched:
    earlier = [row for row in results if row.version < after.version]
    told = [row for row in earlier if hasattr(row, "release") and row.counts]
    newest = results[-1]
    return Touched(
        attempt=attempt,
        before=told[-1] if told else earlier[-1],
        after=after,
        newest=newest,
        was_told=bool(told),
        released=hasattr(newest, "release"),
    )


def credentials_on(attempts: Iterable[Attempt]) -> dict[int, list[Affected]]:
    """The credentials whose holders' evidence names one of these attempts, by attempt. Three queries, none where there are no attempts."""
    found: dict[int, list[Affected]] = defaultdict(list)
    by_uuid = {attempt.uuid: attempt for attempt in attempts}
    if not by_uuid:
        return found
    learners = {attempt.learner_id for attempt in by_uuid.values()}
    facts: dict[tuple[int, int], dict[Any, Evidence]] = defaultdict(dict)
    counted_from: dict[tuple[int, Any], datetime] = {}
    for fact in (
        Evidence.objects.filter(learner__in=learners, source="quiz")
        .select_related("requirement")
        .order_by("sequence")
    ):
        facts[fact.learner_id, fact.requirement_id][fact.reference] = fact
        if fact.counts:
            counted_from.setdefault((fact.requirement_id, fact.reference), fact.at)
    held = defaultdict(list)
    for row in Credential.objects.filter(holder__in=learners).select_related("credential_type"):
        held[row.holder_id, row.credential_type_id].append(row)
    for (learner, requirement), rows in facts.items():
        for reference, fact in rows.items():
            attempt = by_uuid.get(reference)
            if attempt is None:
                continue
            others = any(other.counts for name, other in rows.items() if name != reference)
            since = counted_from.get((requirement, reference))
            for credential in held[learner, fact.requirement.credential_type_id]:
                if since and credential.issued_at >= since:
                    found[attempt.pk].append(Affected(credential, others))
    return found
