"""Addresses of a credential's public pages, as they are given to others."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from credentials.models import Credential
from credentials.validity import Standing


@dataclass(frozen=True)
class PublicLinks:
    """Where the public finds a credential: full addresses, fit for a mail, a profile or another site."""

    page: str
    verify: str
    json: str
    pdf: str
    png: str
    badge: str


def public_links(credential: Credential) -> PublicLinks:
    page = f"{settings.PUBLIC_URL}/credentials/{credential.public_id}"
    verify = f"{settings.PUBLIC_URL}/verify/{credential.number}/"
    return PublicLinks(
        page, verify, f"{page}.json", f"{page}.pdf", f"{page}.png", f"{verify}badge.svg"
    )


def linkedin_link(credential: Credential, standing: Standing) -> str:
    """A plain link that opens LinkedIn's form for a certification, filled in. Nothing is sent before the holder presses its button."""
    facts = {
        "startTask": "CERTIFICATION_NAME",
        "name": credential.statement["title"],
        "organizationName": credential.statement["issuer"],
        "issueYear": credential.valid_from.year,
        "issueMonth": credential.valid_from.month,
        "certUrl": public_links(credential).page,
        "certId": credential.number,
    }
    if standing.valid_until:
        facts["expirationYear"] = standing.valid_until.year
        facts["expirationMonth"] = standing.valid_until.month
    return f"https://www.linkedin.com/profile/add?{urlencode(facts)}"
