"""The mails of the demonstration, read from the files they were written to instead of being sent."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

# A file, and the place of a mail in it: two mails of one second can share a file, when the second connection takes the first one's place in memory.
NAME = re.compile(r"([0-9]{8}-[0-9]{6}-[0-9]+\.log)(?:\.([0-9]{1,4}))?")
END = b"\n" + b"-" * 79 + b"\n"
SHOWN = 100


@dataclass(frozen=True)
class Mail:
    """One mail as it went out."""

    name: str
    subject: str
    to: str
    sent_at: datetime
    body: str


def newest() -> list[Mail]:
    """The last hundred mails, the newest first."""
    files = sorted(_files(), key=lambda file: file.stat().st_mtime, reverse=True)
    return [mail for file in files[:SHOWN] for mail in reversed(read(file))][:SHOWN]


def find(name: str) -> Mail | None:
    """One mail by its name, or None."""
    named = NAME.fullmatch(name)
    path = named and Path(settings.EMAIL_FILE_PATH) / named[1]
    mails = read(path) if path and path.is_file() else []
    return next((mail for mail in mails if mail.name == name), None)


def read(file: Path) -> list[Mail]:
    """The mails of a file, in the order they were written."""
    parts = [part for part in file.read_bytes().split(END) if part.strip()]
    return [_mail(file, place, part) for place, part in enumerate(parts)]


def _mail(file: Path, place: int, part: bytes) -> Mail:
    message = message_from_bytes(part, policy=policy.default)
    return Mail(
        f"{file.name}.{place}" if place else file.name,
        str(message["Subject"] or ""),
        str(message["To"] or ""),
        datetime.fromtimestamp(file.stat().st_mtime, UTC),
        _text(message),
    )


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return part.get_content() if part else ""


def _files() -> list[Path]:
    directory = Path(settings.EMAIL_FILE_PATH)
    return (
        [file for file in directory.glob("*.log") if NAME.fullmatch(file.name)]
        if directory.is_dir()
        else []
    )
