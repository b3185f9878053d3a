import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fittingroom.logs import MASK, configure_logs, scrubbed
from fittingroom.settings import LogSettings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def written(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_one_event_is_one_line_of_json(stream: io.StringIO) -> None:
    configure_logs(LogSettings(), stream)
    structlog.get_logger("x").info("request", action="ChangeClothes", code="OK", text="衣\nb")
    (line,) = written(stream)
    assert line["event"] == "request"
    assert line["level"] == "info"
    assert (line["action"], line["code"], line["text"]) == ("ChangeClothes", "OK", "衣\nb")
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("name", ["secret_key", "SecretKey_secret_key", "token", "Authorization", "signature"])
def test_fields_named_like_secrets_are_masked(stream: io.StringIO, name: str) -> None:
    configure_logs(LogSettings(format="json"), stream)
    structlog.get_logger().info("x", **{name: "hush"})
    assert "hush" not in stream.getvalue()
    assert written(stream)[0][name] == "********"


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    configure_logs(LogSettings(level="warning"), stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in written(stream)] == ["loud"]


def test_libraries_speak_in_the_same_shape(stream: io.StringIO) -> None:
    configure_logs(LogSettings(), stream)
    logging.getLogger("some.library").warning("odd %s", "thing")
    logging.getLogger("some.library").info("chatter")
    (line,) = written(stream)
    assert (line["event"], line["level"], line["logger"]) == ("odd thing", "warning", "some.library")


def test_a_traceback_is_part_of_its_line(stream: io.StringIO) -> None:
    configure_logs(LogSettings(), stream)
    try:
        raise ValueError("what happened")
    except ValueError:
        structlog.get_logger().exception("internal_error")
        logging.getLogger("asyncio").exception("also")
    ours, theirs = written(stream)
    assert "ValueError: what happened" in str(ours["exception"])
    assert "ValueError: what happened" in str(theirs["exception"])


def test_setting_up_again_replaces(stream: io.StringIO) -> None:
    configure_logs(LogSettings(), io.StringIO())
    configure_logs(LogSettings(), stream)
    logging.getLogger("x").warning("once")
    structlog.get_logger().info("once too")
    assert len(written(stream)) == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_plain_words() -> None:
    terminal = Terminal()
    configure_logs(LogSettings(), terminal)
    structlog.get_logger().info("worker_ready", pid=7)
    assert "worker_ready" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_a_terminal_gets_json_when_asked() -> None:
    terminal = Terminal()
    configure_logs(LogSettings(format="json"), terminal)
    structlog.get_logger().info("worker_ready")
    assert json.loads(terminal.getvalue())["event"] == "worker_ready"


def test_a_traceback_on_a_terminal_shows_no_local_variables() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(format="console"), stream)

    def fail() -> None:
        precious = "sk-very-" + "private"
        raise ValueError(len(precious))

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("broken")
    text = stream.getvalue()
    assert "ValueError" in text
    assert "sk-very-private" not in text


HUSH = "h" * 8 + "ush"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a https://x/y?a=1&b=2 c 'http://z?k' why? no", "a https://x/y?... c 'http://z?...' why? no"),
        (f"Signature={HUSH}, more", f"Signature={MASK}, more"),
        (f"X-TC-Token={HUSH} SecretKey={HUSH} x", f"X-TC-Token={MASK} SecretKey={MASK} x"),
        (f"LogoImage='{'iVBOR' * 50}'", "LogoImage='<250 characters>'"),
        (str(bytes([137, 200] * 100)), "b'<800 characters>'"),
        ("worker 7: exit code -9, 衣", "worker 7: exit code -9, 衣"),
    ],
)
def test_texts_are_scrubbed(text: str, kept: str) -> None:
    assert scrubbed(text) == kept


@pytest.mark.parametrize("form", ["json", "console"])
def test_whatever_an_event_holds_is_scrubbed(stream: io.StringIO, form: str) -> None:
    configure_logs(LogSettings(format=form), stream)
    url = f"https://x/y?sign={HUSH}"
    try:
        raise ValueError(f"cannot read {url}")
    except ValueError as error:
        structlog.get_logger().exception("odd", detail=url, deep={"a": [url]}, error=error, number=7)
        logging.getLogger("x").exception("of %s", url)
    text = stream.getvalue()
    assert HUSH not in text
    assert text.count("https://x/y?...") >= 6
    assert "ValueError: cannot read" in text
    if form == "json":
        assert written(stream)[0]["number"] == 7


def test_the_request_that_a_line_belongs_to_is_bound_to_the_context(stream: io.StringIO) -> None:
    configure_logs(LogSettings(), stream)
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger().info("ours")
        logging.getLogger("library").warning("theirs")
    structlog.get_logger().info("later")
    assert [line.get("request_id") for line in written(stream)] == ["abc", "abc", None]
