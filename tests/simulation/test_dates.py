"""What day and time it is for an app, after what the loop's clock has jumped over."""

from __future__ import annotations

import asyncio
import sys
import warnings
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from wsreplay.model import Wait
from wsreplay.simulation import dates
from wsreplay.simulation.dates import Dates

HOUR = timedelta(hours=1)
IGNORED = "ignore:.*utcnow:DeprecationWarning"


class Moment(datetime):
    """What an app may derive from it."""


class Fixed(datetime):
    """As a library that stops the clock does it."""

    @classmethod
    def now(cls, tz=None):
        return cls(2000, 1, 1, tzinfo=tz)


# By name: a method that was kept before the run is the C function.
READINGS = {
    "now": (datetime, "now"),
    "aware": (datetime, "now", UTC),
    "utcnow": (datetime, "utcnow"),
    "today": (datetime, "today"),
    "derived": (Moment, "now", timezone(timedelta(hours=5))),
    "derived utcnow": (Moment, "utcnow"),
    "of a value": (datetime(2000, 1, 1), "now"),
}


@pytest.mark.filterwarnings(IGNORED)
@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_what_a_wait_jumps_over_has_passed_for_dates(reading, said):
    asked, name, *given = reading

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            before = getattr(asked, name)(*given)
            await asyncio.sleep(3600)
            spent = getattr(asked, name)(*given) - before
            await send({"type": "websocket.send", "text": repr(spent.total_seconds())})

    ((_, told),) = said(app, Wait(4000))
    assert 3600 <= float(told) < 3700


@pytest.fixture
def skipped():
    """Dates that an hour has been skipped for."""
    one = Dates(HOUR.total_seconds)
    one.enter()
    yield one
    one.leave()


@pytest.mark.filterwarnings(IGNORED)
def test_values_are_of_the_class_that_was_asked(skipped):
    assert type(datetime.now()) is datetime
    assert type(Moment.now()) is Moment
    assert type(Moment.utcnow()) is Moment
    assert type(Fixed.now()) is Fixed


@pytest.mark.filterwarnings(IGNORED)
def test_zones_are_kept(skipped):
    assert datetime.now().tzinfo is None
    assert datetime.now(UTC).tzinfo is UTC
    assert datetime.utcnow().tzinfo is None


def test_a_class_that_has_its_own_answer_keeps_it(skipped):
    assert Fixed.now() == datetime(2000, 1, 1)


def test_days_follow_from_what_time_tells(skipped):
    assert date.today() <= datetime.now().date()


def test_outside_of_a_run_the_methods_are_those_of_the_class(simulation, scenario):
    async def app(scope, receive, send):
        await receive()

    originals = [vars(datetime)["now"], vars(datetime)["utcnow"]]
    one = simulation(app)
    one.start()
    one.run(scenario(Wait(100)))
    assert [vars(datetime)["now"], vars(datetime)["utcnow"]] == originals
    assert datetime.now.__self__ is datetime


def test_what_somebody_else_has_put_in_its_place_stays_there(skipped):
    before = vars(datetime)["now"]
    other = Dates(lambda: 2 * HOUR.total_seconds())
    other.leave()
    assert vars(datetime)["now"] is before
    inner = Dates(lambda: 0.0)
    inner._theirs = {"now": None, "utcnow": None}
    inner.enter()
    assert vars(datetime)["now"] is before


def test_python_s_warning_is_of_the_line_that_asked(skipped, monkeypatch):
    monkeypatch.setattr(dates, "DEPRECATED", True)
    with pytest.warns(DeprecationWarning, match="utcnow") as caught:
        datetime.utcnow()
    assert caught[0].filename == __file__
    monkeypatch.setattr(dates, "DEPRECATED", False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        datetime.utcnow()
    assert not caught


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python says so from 3.12 on")
def test_it_says_no_less_than_python_itself():
    with pytest.warns(DeprecationWarning, match=r"datetime\.datetime\.utcnow\(\) is deprecated"):
        datetime.utcnow()


def test_where_the_class_cannot_be_reached_dates_stay_the_system_s(monkeypatch):
    monkeypatch.setattr(dates.gc, "get_referents", lambda *_: ["anything", {}])
    assert _shown_an_hour_later().timestamp() == pytest.approx(dates.time.time(), abs=60)


def test_where_there_is_no_ctypes_dates_stay_the_system_s(monkeypatch):
    monkeypatch.setitem(sys.modules, "ctypes", None)
    assert _shown_an_hour_later().timestamp() == pytest.approx(dates.time.time(), abs=60)


def _shown_an_hour_later():
    one = Dates(HOUR.total_seconds)
    one.enter()
    try:
        return datetime.now()
    finally:
        one.leave()
