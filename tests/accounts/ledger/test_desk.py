"""The operator's side: money in and out, plans, statuses, sums, and what verify finds."""

from __future__ import annotations

import pytest

from fittingroom.accounts import AccountError, Plan, ServiceStatus, Store, Vault, audit
from fittingroom.accounts.ledger import book, desk, usage
from fittingroom.accounts.ledger.book import Balance, Claim, Entry
from fittingroom.accounts.ledger.desk import Terms
from fittingroom.accounts.ledger.verify import differences
from fittingroom.settings import BillingSettings

SETTINGS = BillingSettings.model_validate({"price": "0.00003", "quota": 5})
NOTHING = BillingSettings()


@pytest.fixture
def store(room, vault: Vault) -> Store:
    return Store(room.database, vault, "cli:tests", room.clock)


def recorded(store: Store) -> list[tuple[str, str, dict]]:
    with store.reading() as connection:
        return [(row.actor, row.action, dict(row.detail)) for row in audit.listing(connection, audit.Wanted())]


def picture(room, account, request_id: str, *, unit: str = "money", amount: int = 30, end: str = "charge") -> None:
    """A picture from reservation to its end."""
    with room.till.transaction() as teller:
        assert book.reserve(teller, Claim(account.id, request_id, unit, amount, grant=5), "g", room.now) is None
    with room.till.transaction() as teller:
        if end == "release":
            book.give_back(teller, request_id, "g", room.now, charged=False)
            return
        book.charge(teller, request_id, "g", room.now)
        if end == "refund":
            book.give_back(teller, request_id, "g", room.now, charged=True)


def test_a_top_up_is_booked_audited_and_clears_a_low_balance(room, store) -> None:
    account = room.account(plan=Plan.PREPAID, status=ServiceStatus.LOW_BALANCE)
    before = room.database.revision()
    assert desk.top_up(store, "shop", 29, "", SETTINGS) == Balance(-29, 29, 0, 0)
    assert room.status(account) == "low-balance"
    assert desk.top_up(store, "shop", 1, "invoice 7", SETTINGS) == Balance(-30, 30, 0, 0)
    assert room.status(account) == "active"
    assert room.database.revision() == before + 2
    assert recorded(store) == [
        ("cli:tests", "billing.topup", {"amount": "0.000029", "note": ""}),
        ("cli:tests", "billing.topup", {"amount": "0.000001", "note": "invoice 7"}),
        ("ledger", "status.set", {"from": "low-balance", "to": "active", "available": "0.00003"}),
    ]
    room.assert_sound()


@pytest.mark.parametrize("plan", Plan)
def test_an_adjustment_below_zero_is_arrears_until_it_is_paid(room, store, plan: Plan) -> None:
    account = room.account(plan=plan)
    desk.adjust(store, "shop", -50, "chargeback", SETTINGS)
    assert room.status(account) == "in-arrears"
    desk.top_up(store, "shop", 50, "", SETTINGS)
    assert room.status(account) == ("low-balance" if plan is Plan.PREPAID else "active")
    room.assert_sound()


@pytest.mark.parametrize("status", [ServiceStatus.STOPPED, ServiceStatus.NOT_ACTIVATED, ServiceStatus.UNKNOWN])
def test_money_moves_no_status_that_the_operator_set(room, store, status: ServiceStatus) -> None:
    account = room.account(plan=Plan.PREPAID, status=status)
    desk.top_up(store, "shop", 1000, "", SETTINGS)
    desk.adjust(store, "shop", -5000, "x", SETTINGS)
    assert room.status(account) == status


def test_amounts_that_make_no_sense_are_refused(room, store) -> None:
    room.account()
    with pytest.raises(AccountError, match="more than nothing"):
        desk.top_up(store, "shop", 0, "", SETTINGS)
    with pytest.raises(AccountError, match="more or less than nothing"):
        desk.adjust(store, "shop", 0, "x", SETTINGS)
    with pytest.raises(AccountError, match="needs a note"):
        desk.adjust(store, "shop", 5, " ", SETTINGS)
    with pytest.raises(AccountError, match="no account named nobody"):
        desk.top_up(store, "nobody", 5, "", SETTINGS)
    assert room.kinds() == []


def test_a_plan_is_set_and_reviewed(room, store) -> None:
    account = room.account(money=20)
    desk.set_plan(store, "shop", Terms(Plan.PREPAID, None, None), SETTINGS)
    assert room.status(account) == "low-balance"
    desk.set_plan(store, "shop", Terms(Plan.PREPAID, 20, None), SETTINGS)
    assert room.status(account) == "active"
    bill = desk.bill(store, "shop", SETTINGS)
    assert (bill.plan, bill.price, bill.quota, bill.money.available) == (Plan.PREPAID, 20, 5, 20)
    desk.set_plan(store, "shop", Terms(Plan.FREE, None, None), SETTINGS)
    assert desk.bill(store, "shop", NOTHING).price is None


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms(Plan.PREPAID, None, None), "needs a price"),
        (Terms(Plan.QUOTA, None, None), "needs a number"),
        (Terms(Plan.PREPAID, 0, None), "free costs nothing"),
        (Terms(Plan.QUOTA, None, 0), "one picture a month"),
    ],
)
def test_a_plan_without_its_terms_is_refused(room, store, terms: Terms, message: str) -> None:
    room.account()
    with pytest.raises(AccountError, match=message):
        desk.set_plan(store, "shop", terms, NOTHING)
    assert recorded(store) == []


def test_a_new_quota_counts_in_the_running_month(room, store) -> None:
    account = room.account(plan=Plan.QUOTA)
    unit = "pictures:2026-11"
    picture(room, account, "r1", unit=unit, amount=1)
    for quota, left in ((8, 7), (1, 0), (5, 4)):
        desk.set_plan(store, "shop", Terms(Plan.QUOTA, None, quota), SETTINGS)
        assert room.balance(account, unit).available == left
    room.now += 10 * 86400
    desk.set_plan(store, "shop", Terms(Plan.QUOTA, None, 9), SETTINGS)
    assert room.balance(account, "pictures:2026-12") == Balance()
    room.assert_sound()


def test_a_status_is_moved_by_hand_and_audited(room, store) -> None:
    account = room.account()
    assert desk.set_status(store, "shop", ServiceStatus.STOPPED) is ServiceStatus.ACTIVE
    assert room.status(account) == "stopped"
    with pytest.raises(AccountError, match="cannot go from stopped to delivering"):
        desk.set_status(store, "shop", ServiceStatus.DELIVERING)
    assert recorded(store) == [("cli:tests", "status.set", {"from": "active", "to": "stopped"})]


def test_usage_adds_up(room, store) -> None:
    shop, other = room.account(money=1000), room.account("other")
    room.account("quiet")
    for number, end in enumerate(["charge", "charge", "release", "refund"]):
        picture(room, shop, f"r{number}", end=end)
    picture(room, other, "q1", unit="pictures:2026-11", amount=1)
    with room.till.transaction() as teller:
        book.count(teller, other.id, "pictures", "f1", room.now)
    room.now += 10 * 86400
    picture(room, shop, "december")
    november = usage.of_month(store, "2026-11")
    assert november == [usage.Used("other", "2026-11", 2, 0, 0), usage.Used("shop", "2026-11", 2, 60, 2)]
    assert usage.of_month(store, "2026-11", "shop") == november[1:]
    assert usage.of_month(store, "2026-12") == [usage.Used("shop", "2026-12", 1, 30, 0)]
    assert usage.of_month(store, "2026-10") == []
    lines = list(usage.lines(store, "2026-11"))
    assert [(one.request_id, one.kind, one.amount, one.unit) for one in lines] == [
        ("r0", "charge", 30, "money"),
        ("r1", "charge", 30, "money"),
        ("r3", "charge", 30, "money"),
        ("r3", "refund", -30, "money"),
        ("q1", "charge", 1, "pictures:2026-11"),
        ("f1", "charge", 1, "pictures"),
    ]
    assert [one.request_id for one in usage.lines(store, "2026-11", "other")] == ["q1", "f1"]
    with pytest.raises(AccountError, match="no account"):
        usage.of_month(store, "2026-11", "nobody")


def test_a_sound_ledger_verifies(room, store) -> None:
    account = room.account(plan=Plan.PREPAID, money=1000)
    picture(room, account, "r1")
    picture(room, account, "r2", end="release")
    with room.till.transaction() as teller:
        book.reserve(teller, Claim(account.id, "r3", "money", 30), "g", room.now)
    assert differences(store) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE balances SET available = available + 1", "shop: available of money is 0.000971, its postings add up"),
        ("DELETE FROM balances", "shop: funding of money is 0.00, its postings add up to -0.001"),
        ("DELETE FROM reservations", "shop: reserved of money is 0.00003, its reservations add up to 0.00"),
        ("UPDATE reservations SET amount = 31", "its reservations add up to 0.000031"),
        (
            "INSERT INTO ledger_postings (transaction_id, unit, bucket, amount) VALUES (1, 'money', 'spent', 7)",
            "transaction 1 adds up to 0.000007 of money, not to nothing",
        ),
        (
            "INSERT INTO ledger_transactions (account_id, kind, note, at) VALUES ('id-shop', 'charge', '', 0)",
            "is a charge without a RequestId",
        ),
        (
            "INSERT INTO ledger_transactions (account_id, kind, note, at) VALUES ('id-shop', 'topup', '', 0)",
            "has no postings",
        ),
    ],
)
def test_verify_finds_what_is_wrong(room, store, damage: str, told: str) -> None:
    account = room.account(plan=Plan.PREPAID, money=1000)
    with room.till.transaction() as teller:
        book.reserve(teller, Claim(account.id, "r1", "money", 30), "g", room.now)
    with room.database.writing() as connection:
        connection.exec_driver_sql(damage)
    assert any(told in one for one in differences(store)), differences(store)


def test_an_entry_takes_a_long_note(room, store) -> None:
    account = room.account()
    desk.top_up(store, "shop", 1, "x" * 500, SETTINGS)
    with room.till.transaction() as teller:
        book.fund(teller, Entry("adjust", account.id, room.now, note="y"), "money", -1)
    room.assert_sound()
