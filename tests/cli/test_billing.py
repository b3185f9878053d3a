"""`billing`, `status` and `usage` as an operator types them."""

import csv
import json
from pathlib import Path

import pytest

from fittingroom.accounts import Database
from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.book import Claim
from fittingroom.accounts.ledger.till import Till

NOVEMBER = 1_795_300_000.0


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    return tmp_path


@pytest.fixture
def ask(run, data: Path):
    """Run a command on the data; its output, and the exit code 0."""

    def command(*words: object) -> str:
        done = run(*words, "--data-dir", data)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    return command


@pytest.fixture
def pictures(run, data: Path, ask) -> Path:
    """Three pictures of November, one given back."""
    ask("billing", "plan", "shop", "prepaid", "--price", "0.35")
    ask("billing", "topup", "shop", "10")
    database = Database.open(data)
    till = Till(database)
    with database.reading() as connection:
        account = connection.exec_driver_sql("SELECT id FROM accounts").scalar()
    for number in range(3):
        with till.transaction() as teller:
            book.reserve(teller, Claim(account, f"request-{number}", "money", 350_000), "g", NOVEMBER)
            if number:
                book.charge(teller, f"request-{number}", "g", NOVEMBER + number)
            else:
                book.give_back(teller, f"request-{number}", "g", NOVEMBER, charged=False)
    till.close()
    database.close()
    return data


def test_money_goes_in_and_out(ask) -> None:
    assert ask("billing", "topup", "shop", "12.5", "--note", "invoice 7") == "shop has 12.50 available\n"
    assert ask("billing", "adjust", "shop", "-0.000001", "--note", "rounding") == "shop has 12.499999 available\n"
    shown = json.loads(ask("billing", "show", "shop", "--json"))
    assert (shown["available"], shown["paid_in"], shown["plan"]) == ("12.499999", "12.499999", "free")
    assert ask("billing", "verify") == "the ledger adds up\n"
    assert "billing.topup" in ask("audit")


def test_plans(ask) -> None:
    told = ask("billing", "plan", "shop", "prepaid", "--price", "0.35")
    assert told == "shop has the plan prepaid from now on: 0.35 a picture\n"
    assert ask("billing", "plan", "shop", "prepaid").endswith(": 0.35 a picture\n"), "what was set before still holds"
    shown = json.loads(ask("billing", "show", "shop", "--json"))
    assert (shown["plan"], shown["price"], shown["status"]) == ("prepaid", "0.35", "low-balance")
    told = ask("billing", "plan", "shop", "quota", "--quota", "100", "--price", "default")
    assert told.endswith(": 100 pictures a month\n")
    shown = json.loads(ask("billing", "show", "shop", "--json"))
    assert (shown["plan"], shown["price"], shown["quota"], shown["pictures_left"]) == ("quota", None, 100, 100)
    assert "pictures_left 100" in " ".join(ask("billing", "show", "shop").split())
    assert ask("billing", "plan", "shop", "free").endswith(": nothing to pay\n")
    shown = json.loads(ask("billing", "show", "shop", "--json"))
    assert (shown["quota"], shown["pictures_left"]) == (100, None)


def test_a_price_is_money_in_every_list(ask) -> None:
    ask("billing", "plan", "shop", "prepaid", "--price", "0.35")
    (listed,) = json.loads(ask("accounts", "list", "--json"))
    page = json.loads(ask("accounts", "show", "shop", "--json"))
    assert [listed["price"], page["account"]["price"], page["bill"]["price"]] == ["0.35"] * 3


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("billing", "topup", "shop", "1.5e3"), "is no amount of money"),
        (("billing", "topup", "shop", "-5"), "a top-up is more than nothing"),
        (("billing", "topup", "nobody", "5"), "there is no account named nobody"),
        (("billing", "plan", "shop", "prepaid"), "needs a price"),
        (("billing", "plan", "shop", "quota"), "needs a number of pictures"),
        (("billing", "show", "nobody"), "there is no account named nobody"),
        (("status", "shop", "--set", "delivering"), "the status cannot go from active to delivering"),
        (("status", "--set", "stopped"), "say which account"),
        (("usage", "--month", "11/2026"), "is no month"),
        (("usage", "nobody"), "there is no account named nobody"),
        (("usage", "--csv", "/nonexistent/x.csv"), "cannot write /nonexistent/x.csv"),
    ],
)
def test_what_cannot_be_done_is_a_line_and_exit_code_one(run, data: Path, words: tuple[str, ...], line: str) -> None:
    done = run(*words, "--data-dir", data)
    assert (done.code, done.out) == (1, "")
    assert line in done.err
    assert done.err.count("\n") == 1


def test_status_is_shown_and_moved(ask) -> None:
    ask("accounts", "create", "other")
    assert ask("status", "shop", "--set", "stopped") == "shop was active and is stopped\n"
    rows = json.loads(ask("status", "--json"))
    assert [(row["name"], row["status"]) for row in rows] == [("other", "active"), ("shop", "stopped")]
    assert "stopped" in ask("status", "shop")
    assert "other" not in ask("status", "shop")


def test_usage_of_a_month(ask, pictures: Path, tmp_path: Path) -> None:
    (row,) = json.loads(ask("usage", "--month", "2026-11", "--json"))
    assert row == {"account": "shop", "month": "2026-11", "pictures": 2, "money": "0.70", "given_back": 1}
    assert "0.70" in ask("usage", "shop", "--month", "2026-11")
    file = tmp_path / "november.csv"
    ask("usage", "--month", "2026-11", "--csv", file)
    with file.open(newline="") as opened:
        lines = list(csv.reader(opened))
    assert lines == [
        ["account", "request_id", "time", "kind", "amount", "unit"],
        ["shop", "request-1", "2026-11-21T22:26:41.000Z", "charge", "0.35", "money"],
        ["shop", "request-2", "2026-11-21T22:26:42.000Z", "charge", "0.35", "money"],
    ]
    assert json.loads(ask("usage", "--month", "2026-10", "--json")) == []


def test_verify_tells_what_differs(run, data: Path, pictures: Path) -> None:
    database = Database.open(data)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE balances SET spent = spent + 1")
    database.close()
    done = run("billing", "verify", "--data-dir", data)
    assert (done.code, done.out) == (1, "")
    assert done.err == "shop: spent of money is 0.700001, its postings add up to 0.70\n"
