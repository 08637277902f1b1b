"""What an Open Badges 3.0 document of ours says, and signing it. No queries: everything comes as an argument.

The document names the holder and nothing else of theirs: no e-mail address, no examination and no score unless they share it, no evidence a
stranger could open. It says when it stops; suspended, revoked and the reasons are said by the register, whose status list it points to.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from jsonschema import Draft202012Validator

from credentials import integrity, keys
from credentials.integrity import Json, NotSignable
from credentials.models import Credential, Requirement, SigningKey, StatusList
from credentials.services.scores import Score

CONTEXTS = [integrity.CREDENTIALS_V2, integrity.OPEN_BADGES, integrity.OPEN_BADGES_EXTENSIONS]
SCHEMA_1EDTECH = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
MEDIA_TYPE = "application/vc+ld+json"


def credential_url(credential: Credential) -> str:
    return f"{settings.ISSUER_URL}/credentials/{credential.public_id}"


def achievement_url(statement: Json) -> str:
    return f"{settings.ISSUER_URL}/achievements/{statement['code']}/{statement['edition']}"


def status_list_url(number: int) -> str:
    return f"{settings.ISSUER_URL}/status/{number}"


def moment(value: datetime, zone: str) -> str:
    """An instant with its offset in a time zone, to the second: 2027-03-13T23:59:59+00:00."""
    return value.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def build(
    credential: Credential,
    *,
    valid_from: datetime,
    valid_until: datetime,
    requirements: Sequence[Requirement],
    status_list: StatusList,
    status_index: int,
    covers: str = "",
    scores: Mapping[int, Score] = MappingProxyType({}),
) -> Json:
    """The unsigned document of one version of a credential. `requirements` are those of its edition for the award; `scores`, by their
    primary key, enter only where the holder asked for them.
    """
    statement, zone = credential.statement, credential.statement["zone"]
    listed_at = status_list_url(status_list.number)
    return {
        "@context": CONTEXTS,
        "id": credential_url(credential),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": statement["title"],
        "issuer": {
            "id": keys.issuer_did(),
            "type": ["Profile"],
            "name": statement["issuer"],
            "url": settings.ISSUER_URL,
        },
        "awardedDate": moment(credential.issued_at, zone),
        "validFrom": moment(valid_from, zone),
        "validUntil": moment(valid_until, zone),
        "credentialSubject": _subject(credential, requirements, covers, scores),
        **_evidence(requirements),
        "credentialSchema": [{"id": SCHEMA_1EDTECH, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{listed_at}#{status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(status_index),
            "statusListCredential": listed_at,
        },
        "refreshService": {
            "id": f"{credential_url(credential)}/current",
            "type": "1EdTechCredentialRefresh",
        },
    }


def _subject(
    credential: Credential,
    requirements: Sequence[Requirement],
    covers: str,
    scores: Mapping[int, Score],
) -> Json:
    examined = _examined(credential, requirements)
    described = achievement(credential.statement)
    subject: Json = {
        "id": f"urn:uuid:{credential.subject_id}",
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityType": "name",
                "identityHash": credential.name,
            }
        ],
        "licenseNumber": credential.number,
        "achievement": described,
    }
    if covers:  # The achievement says what its edition covers; what this holder's covers is theirs.
        subject["narrative"] = f"{CHANGED_SCOPE} {covers}"
    if examined:
        told = {row.pk: _result(f"{described['id']}#{row.code}", row, scores) for row in examined}
        described["resultDescription"] = [about for about, _said in told.values()]
        subject["result"] = [said for _about, said in told.values()]
    return subject


def _result(url: str, row: Requirement, scores: Mapping[int, Score]) -> tuple[Json, Json]:
    """What kind of result an examination has, and the holder's: completed, and on which place of its scale where that is shared."""
    about: Json = {"id": url, "type": ["ResultDescription"], "name": row.title}
    said: Json = {"type": ["Result"], "resultDescription": url, "status": "Completed"}
    score = scores.get(row.pk)
    if score is None:
        return about | {"resultType": "Status"}, said
    about |= {
        "resultType": "ScaledScore",
        "valueMin": "0",
        "valueMax": str(score.top),
        "requiredValue": str(score.cut),
    }
    return about, said | {"value": str(score.value)}


def _examined(credential: Credential, requirements: Sequence[Requirement]) -> list[Requirement]:
    """The examinations a document says were passed: none, unless the holder shares their results."""
    if not credential.share_results:
        return []
    return [row for row in requirements if row.kind == Requirement.Kind.ACTIVITY]


def says_results(document: Json) -> bool:
    return "result" in document["credentialSubject"]


def says_scores(document: Json) -> bool:
    return any("value" in result for result in document["credentialSubject"].get("result", []))


def achievement(statement: Json) -> Json:
    """What the credential certifies, as it was issued. The criteria say that it is no licence."""
    url = achievement_url(statement)
    narrative = [statement["criteria"], statement["scope"], statement["limits"], NOT_A_LICENCE]
    return {
        "id": url,
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": statement["title"],
        "version": statement["edition"],
        "humanCode": statement["code"],
        "inLanguage": "en-GB",
        "description": statement["description"],
        "criteria": {
            "id": f"{url}#criteria",
            "narrative": "\n\n".join(part for part in narrative if part),
        },
        "image": {"id": f"{url}/badge.png", "type": "Image", "caption": statement["title"]},
    }


# Signed in English: a translation would be another statement.
CHANGED_SCOPE = "The scope of this credential differs from its edition. It covers:"
NOT_A_LICENCE = "This is a certification of competence. It is not a licence to practise where the law asks for one."
_GENRES = {
    Requirement.Kind.COURSE: "Education",
    Requirement.Kind.ACTIVITY: "Examination",
    Requirement.Kind.DOCUMENT: "Document",
    Requirement.Kind.HOURS: "Hours",
    Requirement.Kind.AGREEMENT: "Agreement",
    Requirement.Kind.CREDENTIAL: "Credential",
}


def _evidence(requirements: Sequence[Requirement]) -> dict[str, Any]:
    """What had to be shown, by its name in the scheme; never what the person showed."""
    shown = [
        {"type": ["Evidence"], "name": row.title, "genre": _GENRES[Requirement.Kind(row.kind)]}
        for row in requirements
    ]
    return {"evidence": shown} if shown else {}


@functools.cache
def _schema(part: str = "credential") -> Draft202012Validator:
    whole = json.loads(Path(__file__).with_name("openbadge.schema.json").read_text())
    return Draft202012Validator({**whole, "$ref": f"#/$defs/{part}"})


def require_shape(document: Json, part: str = "credential") -> None:
    """Raise NotSignable, naming the member, unless the document (or its `proof`) has the shape of our profile."""
    for error in _schema(part).iter_errors(document):
        raise NotSignable(f"{error.json_path}: {error.message[:200]}")


def signed(document: Json, *, key: SigningKey, at: datetime) -> str:
    """The document with its proof, as the text that is stored and served for ever. Raises NotSignable, or KeyMissing."""
    require_shape(document)
    expanded = integrity.require_signable(document)
    proof = integrity.sign(
        document,
        key=keys.private_key(key),
        method=keys.verification_method(key),
        at=at,
        expanded=expanded,
    )
    require_shape(proof, "proof")
    return json.dumps(document | {"proof": [proof]}, ensure_ascii=False, separators=(",", ":"))
