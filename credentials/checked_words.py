"""What the page and the HTTP interface say about a document that was presented: in words, the bad as plain as the good."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials import public_words
from credentials.comparing import Comparison, Proof, Verdict
from credentials.presented import Form
from credentials.verification import Answer


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, whether it is as it should be (None: it does not apply), and what was found."""

    name: str
    good: bool | None
    said: str


def headline(found: Comparison, answer: Answer | None) -> str:
    match found.verdict:
        case Verdict.GENUINE | Verdict.SAME:
            valid = answer is not None and answer.standing.valid
            return _("Genuine, and valid today") if valid else _("Genuine, but not valid today")
        case Verdict.FORGED:
            return _("Forged")
        case Verdict.ALTERED:
            if found.presented.form is Form.PDF:
                return _("Not the file that was issued")
            return _("Not what was issued")
        case Verdict.FOREIGN:
            return _("Not issued by this register")
    return _("Not in the register")


def mark(found: Comparison, answer: Answer | None) -> str:
    """The mark beside the headline: a tick, a half disc, a crossed disc."""
    if found.genuine and answer:
        if answer.standing.valid:
            return "yes"
        return public_words.mark(answer.standing)
    return "no" if found.verdict is Verdict.FOREIGN else "over"


def meaning(found: Comparison, answer: Answer | None) -> list[str]:
    """What that means for whoever asked, and what to do next."""
    match found.verdict:
        case Verdict.GENUINE | Verdict.SAME if answer:
            return [*_older(found), *public_words.meaning(answer)]
        case Verdict.FORGED:
            return [
                _("It is signed with a key of this register, and this register never issued it. Somebody may have used a stolen key."),
                _("Do not rely on it. Keep it, and tell the issuer at once."),
            ]  # fmt: skip
        case Verdict.ALTERED:
            return _altered(found)
        case Verdict.FOREIGN:
            said = _("It names another issuer: %(issuer)s. Ask there.") % {"issuer": found.issuer}
            return [said if found.issuer else _("It names no issuer that this register knows.")]
    if found.presented.form is Form.PDF:
        return [
            _("No file like this was issued here, byte for byte, and it bears no number of ours that could be looked up."),
            _("Type the number that is printed on it, or scan its code: the register says whether it holds."),
        ]  # fmt: skip
    return [
        _("It says that it comes from this register, and there is no such credential here. What is not in the register was not issued."),
        _("Do not rely on it, and please tell the issuer."),
    ]  # fmt: skip


def _older(found: Comparison) -> list[str]:
    if not found.older or not found.document:
        return []
    return [
        _("It is version %(version)s of this credential. Version %(newest)s has taken its place; ask for that one if you keep a copy.")
        % {"version": found.document.version, "newest": found.newest}
    ]  # fmt: skip


def _altered(found: Comparison) -> list[str]:
    if found.presented.form is Form.PDF:
        return [
            _("It bears a number of ours, but it is not, byte for byte, a certificate that was issued. It may only have been printed or saved again; it may have been changed."),
            _("Rely on the register’s answer about the number, below, and compare it with what the sheet says."),
        ]  # fmt: skip
    return [
        _("It bears the address or number of a credential of this register, and says something else than what was issued."),
        _("Do not rely on it. What the register itself says about the credential stands below."),
    ]  # fmt: skip


def checks(found: Comparison) -> list[Check]:
    """What was looked at, in the order of its weight."""
    rows = [_bytes(found), _values(found), _proof(found)]
    if found.presented.form is Form.PNG and found.genuine:
        said = (
            _("the badge as it was issued, byte for byte")
            if found.whole
            else _("another picture than the one issued; only the credential inside was compared")
        )
        rows.append(Check(_("Picture"), found.whole, said))
    if found.document and found.genuine:
        said = _("version %(version)s of %(newest)s") % {
            "version": found.document.version, "newest": found.newest,
        }  # fmt: skip
        rows.append(Check(_("Version"), not found.older, said))
    return [row for row in rows if row.good is not None]


def _bytes(found: Comparison) -> Check:
    name = _("Byte by byte")
    if found.verdict is Verdict.GENUINE:
        return Check(name, True, _("exactly what was issued"))
    if found.verdict is Verdict.SAME:
        return Check(name, None, "")
    return Check(name, False, _("equals nothing that was issued here"))


def _values(found: Comparison) -> Check:
    name = _("Value by value")
    if found.presented.form is Form.PDF or not found.document:
        return Check(name, None, "")
    if found.verdict is Verdict.SAME:
        return Check(name, True, _("every value as issued; only its setting differs"))
    if found.genuine:
        return Check(name, None, "")
    count = len(found.differences)
    return Check(name, False, _("%(count)s differ from version %(version)s") % {
        "count": localize(count), "version": found.document.version,
    })  # fmt: skip


def _proof(found: Comparison) -> Check:
    name = _("Signature")
    match found.proof:
        case Proof.HOLDS if found.genuine:
            return Check(name, True, _("holds, by a key of this register"))
        case Proof.HOLDS:
            return Check(name, False, _("holds, by a key of this register, over something it never issued"))  # fmt: skip
        case Proof.LOST_KEY:
            return Check(name, False, _("by a key that was withdrawn, since others may have it; other verifiers refuse it"))  # fmt: skip
        case Proof.BROKEN:
            return Check(name, False, _("does not hold: the document was changed after it was signed"))  # fmt: skip
        case Proof.NOT_OURS:
            return Check(name, False, _("by no key of this register"))
    return Check(name, None, "")


# Members of the document by the names people know. Of others only the place is named: their content is nobody else's business.
_NAMES = {
    "credentialSubject.identifier[0].identityHash": gettext_lazy("Name of the holder"),
    "credentialSubject.licenseNumber": gettext_lazy("Number"),
    "credentialSubject.achievement.name": gettext_lazy("Credential"),
    "credentialSubject.achievement.criteria.narrative": gettext_lazy("Criteria and scope"),
    "name": gettext_lazy("Credential"),
    "issuer.name": gettext_lazy("Issuer"),
    "issuer.id": gettext_lazy("Issuer’s address"),
    "validFrom": gettext_lazy("Valid from"),
    "validUntil": gettext_lazy("Valid until"),
    "awardedDate": gettext_lazy("Granted"),
    "id": gettext_lazy("Address of the credential"),
}
MOST_DIFFERENCES = 12


def differing(found: Comparison) -> list[dict[str, str]]:
    """The values that differ, those people know first, at most a dozen."""
    known = [row for row in found.differences if row.path in _NAMES]
    rest = [row for row in found.differences if row.path not in _NAMES]
    return [
        {
            "path": row.path,
            "name": str(_NAMES.get(row.path, row.path)),
            "issued": row.issued if row.path in _NAMES else "",
            "presented": row.presented,
            "alike": row.alike,
        }
        for row in (known + rest)[:MOST_DIFFERENCES]
    ]


UNREADABLE = {
    "empty": gettext_lazy("Paste a credential, or choose a file."),
    "too_large": gettext_lazy("This is larger than any document of ours. The largest that is read is 4 MB, of text 256 KB."),
    "not_a_document": gettext_lazy("This cannot be read as a credential. Give the file as you got it: JSON, a badge (PNG) or a certificate (PDF)."),
    "looks_like_a_token": gettext_lazy("This looks like a token (three parts with dots between). This register issues JSON, badges (PNG) and certificates (PDF)."),
    "said_twice": gettext_lazy("This says one thing twice, so that programs could read it in two ways. Nothing that was issued here does that."),
    "no_credential_in_picture": gettext_lazy("There is no credential in this picture. A screenshot or a photo does not carry it: give the badge as it was downloaded, or type the number."),
    "broken_picture": gettext_lazy("This picture is cut off or damaged. Give the badge as it was downloaded."),
}  # fmt: skip


def as_json(found: Comparison, answer: Answer | None) -> dict[str, Any]:
    """The same for programs."""
    return {
        "verdict": found.verdict.value,
        "genuine": found.genuine,
        "form": found.presented.form.value,
        "sha256": found.presented.sha256,
        "proof": found.proof.value,
        "whole": found.whole,
        "version": found.document.version if found.document and found.genuine else None,
        "newest_version": found.newest or None,
        "differences": [
            {"path": row["path"], "issued": row["issued"], "presented": row["presented"], "look_alike": row["alike"]}
            for row in differing(found)
        ],
        "answer": answer.as_json() if answer else None,
    }  # fmt: skip
