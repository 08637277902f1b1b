"""How moments are said in our templates."""

import datetime as dt

from cms.templatetags.palpate import day, moment

LATE = dt.datetime(2026, 11, 23, 23, 42, 7, tzinfo=dt.UTC)


def test_a_day_is_not_broken_before_its_month():
    assert day(LATE.date()) == "23\u00a0November 2026"
    assert day(LATE) == "23\u00a0November 2026"
    assert day(None) == ""


def test_a_moment_names_the_zone_it_is_said_in():
    assert moment(LATE) == "23\u00a0Nov 2026, 23:42:07\u00a0UTC"
    assert moment(LATE, "Asia/Tokyo") == "24\u00a0Nov 2026, 08:42:07\u00a0JST"
