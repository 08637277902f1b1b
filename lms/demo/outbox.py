"""The mails of the demonstration, read from the files they were written to instead of being sent."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.log")
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
    return [read(file) for file in files[:SHOWN]]


def find(name: str) -> Mail | None:
    """One mail by the name of its file, or None."""
    path = Path(settings.EMAIL_FILE_PATH) / name
    return read(path) if NAME.fullmatch(name) and path.is_file() else None


def read(file: Path) -> Mail:
    message = message_from_bytes(
        file.read_bytes().split(b"\n" + b"-" * 79)[0], policy=policy.default
    )
    return Mail(
        file.name,
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
