"""The calendar entry: lines as the standard wants them, the right hour in any zone, a UID that stays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practicals import ics

BEGINS = datetime(2026, 10, 24, 9, 0, tzinfo=ZoneInfo("Europe/London"))


def event(**changes):
    given_ = {
        "uid": "appointment-1@credentials.palpate.example",
        "sequence": 0,
        "begins": BEGINS,
        "ends": BEGINS + timedelta(hours=3),
        "zone": "Europe/London",
        "summary": "Practical examination",
        "location": "Leeds, Hall 2; upstairs",
        "description": "You are candidate 0412.\nBring: water",
        "url": "https://palpate.example/appointments/1/",
        "organiser": "noreply@palpate.example",
        "changed_at": datetime(2026, 9, 1, tzinfo=UTC),
        **changes,
    }
    return ics.Event(**given_)


def unfolded(text: str) -> list[str]:
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_an_entry_says_when_and_where_by_the_clock_of_the_place():
    lines = unfolded(ics.calendar(event()))
    for line in (
        "METHOD:PUBLISH",
        "UID:appointment-1@credentials.palpate.example",
        "SEQUENCE:0",
        "DTSTART;TZID=Europe/London:20261024T090000",
        "DTEND;TZID=Europe/London:20261024T120000",
        "LOCATION:Leeds\\, Hall 2\\; upstairs",
        "DESCRIPTION:You are candidate 0412.\\nBring: water",
        "STATUS:CONFIRMED",
        "TZID:Europe/London",
    ):
        assert line in lines, line
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"


def test_a_cancelled_one_takes_itself_out():
    lines = unfolded(ics.calendar(event(cancelled=True, sequence=2)))
    assert "METHOD:CANCEL" in lines and "STATUS:CANCELLED" in lines and "SEQUENCE:2" in lines
    assert "BEGIN:VALARM" not in lines


def offset_at(lines: list[str], local: datetime) -> timedelta:
    """What a calendar program makes of the zone's parts: the offset of the last one begun, by the local clock."""
    parts, part = [], {}
    for line in lines:
        name, _colon, value = line.partition(":")
        if line in ("BEGIN:STANDARD", "BEGIN:DAYLIGHT"):
            part = {}
        elif line in ("END:STANDARD", "END:DAYLIGHT"):
            parts.append(part)
        else:
            part[name] = value
    begun = [one for one in parts if one["DTSTART"] <= f"{local:%Y%m%dT%H%M%S}"]
    said = max(begun, key=lambda one: one["DTSTART"])["TZOFFSETTO"]
    minutes = int(said[1:3]) * 60 + int(said[3:5])
    return timedelta(minutes=-minutes if said[0] == "-" else minutes)


@pytest.mark.parametrize(
    "zone",
    ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Dublin"],
)
@given(days=st.integers(0, 365))
def test_the_hour_is_right_on_any_day_in_any_zone(zone, days):
    begins = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=days)
    lines = unfolded(ics.calendar(event(begins=begins, ends=begins, zone=zone)))
    zone_lines = lines[lines.index("BEGIN:VTIMEZONE") + 1 : lines.index("END:VTIMEZONE")]
    assert offset_at(zone_lines, begins) == begins.utcoffset()


@given(st.text(max_size=300))
def test_long_lines_are_folded_and_come_back_whole(words):
    words = "".join(letter for letter in words if letter.isprintable())
    folded = ics.fold(f"SUMMARY:{words}")
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == f"SUMMARY:{words}\r\n"
