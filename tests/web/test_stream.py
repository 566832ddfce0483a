from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from scripted_station import CURVE_FRAMES, FRAME_HZ, ScriptedStation

from station.coach.programs import Plan
from station.door import EndSet, StartSet
from web import streams
from web.context import context_of
from web.streams import Streams, events

MARA = StartSet("Mara", Plan("left", "technique", 20.0))


@pytest.fixture
def open_streams() -> Streams:
    return Streams()


@pytest.fixture
def stream(station: ScriptedStation, open_streams: Streams) -> Iterator[str]:
    return reader(station, open_streams)


def reader(station: ScriptedStation, open_streams: Streams) -> Iterator[str]:
    made = events(station, open_streams)
    next(made)  # the retry line
    return made


def data(event: str) -> dict:
    lines = dict(line.split(": ", 1) for line in event.strip().split("\n"))
    value = json.loads(lines["data"])
    assert lines["id"] == str(value["serial"])
    return value


def test_the_first_event_is_whole(station: ScriptedStation, stream: Iterator[str]) -> None:
    station.advance(20.0)
    first = data(next(stream))
    assert len(first["curve"]["t_s"]) == len(first["curve"]["total_n"]) == CURVE_FRAMES
    assert first["frame"] == 20 * FRAME_HZ - 1
    assert first["session"] is None
    assert first["source"]["name"] == "mock"


def test_later_events_have_only_what_is_new(station: ScriptedStation, stream: Iterator[str]) -> None:
    station.advance(20.0)
    first = data(next(stream))
    station.advance(0.04)
    second = data(next(stream))
    assert second["curve"]["first_frame"] == first["frame"] + 1
    assert len(second["curve"]["t_s"]) == 4
    assert "session" not in second
    assert "source" not in second
    assert len(json.dumps(second)) < 1000


def test_a_slow_reader_gets_the_newest_and_nothing_twice(
    station: ScriptedStation, stream: Iterator[str]
) -> None:
    first = data(next(stream))
    for _ in range(90):
        last = station.advance(0.03)
    second = data(next(stream))
    assert second["serial"] == last.serial == first["serial"] + 90
    assert second["curve"]["first_frame"] == first["frame"] + 1
    assert len(second["curve"]["t_s"]) == 90 * 3


def test_a_reader_that_slept_past_the_window_gets_the_window(
    station: ScriptedStation, stream: Iterator[str]
) -> None:
    next(stream)
    station.advance(40.0)
    curve = data(next(stream))["curve"]
    assert curve["first_frame"] == 40 * FRAME_HZ - CURVE_FRAMES
    assert len(curve["t_s"]) == CURVE_FRAMES


def test_readers_who_are_equally_far_share_the_work_and_others_get_their_own(
    station: ScriptedStation, open_streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, slow = (reader(station, open_streams) for _ in range(3))
    station.advance(1.0)
    first = [data(next(made)) for made in (one, other, slow)]
    assert first[0] == first[1] == first[2]
    station.command(MARA)
    assert "session" in data(next(one))
    assert "session" in data(next(other))
    made: list[object] = []
    encode = streams.wire.encode
    monkeypatch.setattr(streams.wire, "encode", lambda value: made.append(value) or encode(value))
    station.advance(0.04)
    theirs = [data(next(one)), data(next(other))]
    assert len(made) == 1
    assert theirs[0] == theirs[1]
    assert "session" not in theirs[0]
    late = data(next(slow))
    assert late["session"]["sets"][0]["running"] is True
    assert late["curve"]["first_frame"] == first[2]["frame"] + 1


def test_a_session_is_sent_when_it_changes(station: ScriptedStation, stream: Iterator[str]) -> None:
    next(stream)
    station.command(MARA)
    assert data(next(stream))["session"]["sets"][0]["running"] is True
    station.advance(0.1)
    assert "session" not in data(next(stream))
    station.count_reps(1)
    assert data(next(stream))["session"]["sets"][0]["counted"] == 1
    station.command(EndSet())
    assert data(next(stream))["session"]["sets"][0]["running"] is False


def test_silence_is_bridged_by_a_comment(
    station: ScriptedStation, open_streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "KEEPALIVE_S", 0.0)
    made = reader(station, open_streams)
    next(made)
    assert next(made).startswith(":")
    assert next(made).endswith("\n\n")


def test_it_ends_when_the_server_stops(open_streams: Streams, stream: Iterator[str]) -> None:
    next(stream)
    open_streams.closing.set()
    assert list(stream) == []


def test_streams_are_capped_and_their_places_given_back(client: FlaskClient) -> None:
    open_streams = context_of(client.application).streams
    first = client.get("/api/v1/stream")
    second = client.get("/api/v1/stream")
    assert first.mimetype == "text/event-stream"
    refused = client.get("/api/v1/stream")
    assert refused.status_code == 503
    assert refused.get_json()["error"].startswith("2 pages watch this station already")
    first.close()
    third = client.get("/api/v1/stream")
    assert third.status_code == 200
    second.close()
    third.close()
    assert open_streams.taken == 0


def test_a_request_for_the_headers_keeps_no_place(client: FlaskClient) -> None:
    for _ in range(5):
        client.head("/api/v1/stream").close()
    assert context_of(client.application).streams.taken == 0
