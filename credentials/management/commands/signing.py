"""manage.py signing status|ensure|rotate|compromise|re-sign|finish: the keys this register signs with, and what they signed. See docs/keys.md."""

import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from credentials import issuing, keys
from credentials.models import IssuedFile, SigningKey, StatusEvent
from credentials.services.documents import reissue_due, resting_on_a_lost_key

PURPOSES = SigningKey.Purpose
FEWEST_LETTERS = 8  # of a key, to name it: a drill is not begun by a slip


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("status", help="keys, what each signed, what is still to do")
        steps.add_parser("ensure", help="make the keys that are missing")
        rotate = steps.add_parser("rotate", help="replace a key; what it signed stays valid")
        rotate.add_argument("--purpose", choices=PURPOSES.values, required=True)
        lost = steps.add_parser("compromise", help="others may have a key: withdraw it, sign anew")
        lost.add_argument("key", help="its public half, or at least its first eight letters")
        lost.add_argument("--since", required=True, help="2026-11-20 or 2026-11-20T09:30+00:00")
        lost.add_argument("--later", action="store_true", help="sign anew later, with re-sign")
        lost.add_argument("--look", action="store_true", help="say what would happen, do nothing")
        steps.add_parser("re-sign", help="sign anew what rests on a compromised key")
        finish = steps.add_parser("finish", help="sign (and draw) here and now what is due")
        finish.add_argument("--only-sign", action="store_true", help="draw nothing")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        try:
            getattr(self, step.replace("-", "_"))(**options)
        except keys.KeyMissing as problem:
            raise CommandError(str(problem)) from problem

    def status(self, **options: Any) -> None:
        self.stdout.write(f"Issuer: {keys.issuer_did()}")
        for key in SigningKey.objects.order_by("purpose", "pk"):
            there = "" if keys.path_of(key).exists() else f"  MISSING: {keys.path_of(key)}"
            self.stdout.write(
                f"{key.purpose:12} {key.public}  since {key.created_at:%Y-%m-%d}, {_state(key)}{there}"
            )
        self._say_pending()

    def ensure(self, **options: Any) -> None:
        for key in keys.ensure_keys(at=timezone.now()):
            self.stdout.write(f"{key.purpose:12} {keys.path_of(key)}")

    def rotate(self, *, purpose: str, **options: Any) -> None:
        """The lists are signed anew at once, so that nothing published still needs the old key to be trusted for new facts."""
        at = timezone.now()
        key = keys.rotate(purpose=purpose, at=at)
        if purpose == PURPOSES.CREDENTIALS:
            issuing.publish_status_lists(at=at, anew=True)
        self.stdout.write(f"{key.purpose:12} {keys.path_of(key)}")

    def compromise(self, *, key: str, since: str, later: bool, look: bool, **options: Any) -> None:
        """A key cannot be trusted again: `--look` shows what hangs on it first."""
        at = timezone.now()
        from_then, lost = _moment(since, at), _the_key(key)
        if look:
            if lost.purpose == PURPOSES.CREDENTIALS:
                self._report(lost, from_then)
            else:
                count = IssuedFile.objects.filter(key=lost).count()
                self.stdout.write(f"It signed {count} certificates.")
            self.stdout.write(
                f"Nothing is done. Without --look {lost.public} is withdrawn for good, every "
                "verifier refuses what it signed, and what is valid of it is signed anew."
            )
            return
        now_signs = keys.compromise(key=lost, since=from_then, at=at)
        self.stdout.write(f"{lost.public} is withdrawn. {now_signs.public} signs from now on.")
        if lost.purpose == PURPOSES.CREDENTIALS:
            issuing.publish_status_lists(at=at, anew=True)
            self._report(lost, from_then)
        self.stdout.write(f"Destroy {keys.path_of(lost)} and every copy of it.")
        if later:
            self._say_pending()
        else:
            self.re_sign()

    def re_sign(self, **options: Any) -> None:
        at = timezone.now()
        self.stdout.write(f"Signed anew: {reissue_due(at=at)} credentials.")
        self.finish()

    def finish(self, *, only_sign: bool = False, **options: Any) -> None:
        began = time.monotonic()
        signed = issuing.sign_pending(at=timezone.now(), progress=self._progress)
        if not only_sign:
            issuing.render_pending(at=timezone.now(), progress=self._progress)
        took = time.monotonic() - began
        self.stdout.write(f"{signed} documents signed in {took:.1f} s.")
        self._say_pending()

    def _progress(self, what: str, done: int, of: int) -> None:
        if done % 50 == 0 or done == of:
            self.stdout.write(f"{what} {done} of {of}")
            self.stdout.flush()

    def _report(self, key: SigningKey, since: dt.datetime) -> None:
        """What the key signed while others may have had it: each of these has an event in the register; whatever else it signed is forged."""
        signed = key.signed_documents.filter(at__gte=since).select_related("credential", "event")
        self.stdout.write(
            f"It signed {key.signed_documents.count()} documents, {signed.count()} of them since {since:%Y-%m-%d %H:%M} UTC:"
        )
        for document in signed.order_by("pk"):
            event = StatusEvent.Kind(document.event.kind).label
            self.stdout.write(
                f"  {document.credential.number}  version {document.version}  {document.at:%Y-%m-%d %H:%M}  {event}"
            )

    def _say_pending(self) -> None:
        resting = resting_on_a_lost_key(at=timezone.now()).count()
        self.stdout.write(
            f"Still to do: {resting} rest on a withdrawn key"
            f"{' (suspended ones get a document when they are reinstated)' if resting else ''}, "
            f"{issuing.pending_signatures().count()} to sign, {issuing.pending_renders().count()} to render"
        )


def _state(key: SigningKey) -> str:
    if key.compromised_at:
        return f"compromised since {key.compromised_at:%Y-%m-%d %H:%M}"
    return f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "signs"


def _the_key(given: str) -> SigningKey:
    found = list(SigningKey.objects.filter(public__startswith=given)[:2]) if given else []
    if len(found) != 1:
        raise CommandError(
            f"{'Several keys begin' if found else 'No key begins'} with {given!r}. They are listed by: manage.py signing status"
        )
    if len(given) < FEWEST_LETTERS:
        raise CommandError(
            f"{given!r} is too short to name a key for this. Give at least {FEWEST_LETTERS} letters of it: {found[0].public}"
        )
    return found[0]


def _moment(given: str, at: dt.datetime) -> dt.datetime:
    """A day means its beginning, by UTC; so does a time without an offset."""
    try:
        day = parse_date(given)
        moment = dt.datetime.combine(day, dt.time.min) if day else parse_datetime(given)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{given!r} is no moment. Write 2026-11-20 or 2026-11-20T09:30+00:00.")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if moment > at:
        raise CommandError(f"{given} is still to come.")
    return moment
