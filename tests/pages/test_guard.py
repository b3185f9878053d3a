import pytest
from starlette.requests import Request

from fittingroom.pages.guard import Guard, is_loopback
from fittingroom.settings import Settings


def asked(method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "path": "/room", "headers": raw})


def guard(**values: object) -> Guard:
    return Guard(Settings.model_validate(values))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost", "shop.localhost"])
def test_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com", "evillocalhost", ""]
)
def test_more_than_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "LOCALHOST:8000"])
def test_loopback_names_are_answered(host: str) -> None:
    assert guard().allows(asked(host=host))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[", "10.1.1.1"])
def test_a_name_that_was_turned_to_this_machine_is_refused(host: str) -> None:
    assert not guard().allows(asked(host=host))


def test_names_of_the_operator_are_answered_besides() -> None:
    named = guard(pages={"hosts": "Fitting.Example"})
    assert named.allows(asked(host="fitting.example"))
    assert named.allows(asked(host="127.0.0.1:8000"))
    assert not named.allows(asked(host="other.example"))


@pytest.mark.parametrize("host", ["", "a b", 'a"b', "a$(b)", "a:b", "a:123456", "[::1", "x@y", "a/b", "a\nb"])
def test_a_name_that_no_program_could_hold_is_answered_nowhere(host: str) -> None:
    assert not guard(server={"host": "0.0.0.0"}).allows(asked(host=host))


def test_what_a_proxy_says_of_the_name_counts_only_where_it_is_trusted() -> None:
    told = asked("POST", host="127.0.0.1:8000", x_forwarded_host="my.example", origin="https://my.example")
    assert not guard(pages={"hosts": "my.example"}).allows(told)
    trusting = {"trust_forwarded_host": True}
    assert guard(wire=trusting, pages={"hosts": "my.example"}).allows(told)
    assert not guard(wire=trusting).allows(told)


def test_a_server_for_others_answers_under_any_name_unless_names_are_set() -> None:
    assert guard(server={"host": "0.0.0.0"}).allows(asked(host="any.example"))
    assert not guard(server={"host": "0.0.0.0"}, pages={"hosts": "my.example"}).allows(asked(host="any.example"))


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"sec_fetch_site": "same-origin", "origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://127.0.0.1:9000"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
        ({"origin": "http://[x]:8000"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site", "origin": "http://127.0.0.1:8000"}, False),
    ],
)
def test_what_another_site_sends_is_refused(headers: dict[str, str], allowed: bool) -> None:
    assert guard().allows(asked("POST", host="127.0.0.1:8000", **headers)) is allowed
