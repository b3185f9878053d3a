import threading

import pytest
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import Database
from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.book import Balance, Claim, Entry, ReservationLost
from fittingroom.accounts.ledger.till import Repeated, Till

GATEWAY = "gateway-1"


def claim(account, request_id: str = "r1", amount: int = 30) -> Claim:
    return Claim(account.id, request_id, "money", amount)


def reserve(room, wanted: Claim, gateway: str = GATEWAY) -> Balance | None:
    with room.till.transaction() as teller:
        return book.reserve(teller, wanted, gateway, room.now)


def charge(room, request_id: str = "r1", gateway: str = GATEWAY) -> int:
    with room.till.transaction() as teller:
        return book.charge(teller, request_id, gateway, room.now)


def give_back(room, request_id: str = "r1", *, charged: bool = True) -> bool:
    with room.till.transaction() as teller:
        return book.give_back(teller, request_id, GATEWAY, room.now, charged=charged) is not None


def test_reserve_then_charge(room) -> None:
    account = room.account(money=100)
    assert reserve(room, claim(account)) is None
    assert room.balance(account) == Balance(-100, 70, 30, 0)
    assert room.reserved() == ["r1"]
    assert charge(room) == 70
    assert room.balance(account) == Balance(-100, 70, 0, 30)
    assert room.kinds() == ["topup", "reserve", "charge"]
    assert room.kinds("r1") == ["reserve", "charge"]
    assert room.reserved() == []
    room.assert_sound()


def test_reserve_then_give_back(room) -> None:
    account = room.account(money=100)
    reserve(room, claim(account))
    assert give_back(room) is True
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.kinds("r1") == ["reserve", "release"]
    assert give_back(room) is False
    assert room.balance(account).available == 100
    room.assert_sound()


def test_too_little_changes_nothing(room) -> None:
    account = room.account(money=29)
    assert reserve(room, claim(account)) == Balance(-29, 29, 0, 0)
    assert room.kinds() == ["topup"]
    assert reserve(room, claim(room.account("new"))) == Balance()
    room.assert_sound()


def test_the_last_of_the_money_can_be_spent(room) -> None:
    account = room.account(money=30)
    assert reserve(room, claim(account)) is None
    assert charge(room) == 0


def test_a_charge_needs_its_own_reservation(room) -> None:
    account = room.account(money=100)
    reserve(room, claim(account))
    with pytest.raises(ReservationLost):
        charge(room, gateway="gateway-2")
    assert give_back(room)
    with pytest.raises(ReservationLost):
        charge(room)
    assert room.balance(account) == Balance(-100, 100, 0, 0)


def test_a_request_reserves_once_and_is_settled_once(room) -> None:
    account = room.account(money=100)
    reserve(room, claim(account))
    with pytest.raises(Repeated):
        reserve(room, claim(account))
    charge(room)
    with pytest.raises(ReservationLost):
        charge(room)
    with pytest.raises(Repeated):
        reserve(room, claim(account))
    assert room.balance(account) == Balance(-100, 70, 0, 30)
    room.assert_sound()


def test_a_charge_whose_answer_never_left_is_refunded_once(room) -> None:
    account = room.account(money=100)
    reserve(room, claim(account))
    charge(room)
    assert give_back(room, charged=False) is False
    assert give_back(room) is True
    assert give_back(room) is False
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.kinds("r1") == ["reserve", "charge", "refund"]
    room.assert_sound()


def test_free_pictures_are_counted_and_uncounted(room) -> None:
    account = room.account()
    with room.till.transaction() as teller:
        book.count(teller, account.id, "pictures", "r1", room.now)
        book.count(teller, account.id, "pictures", "r2", room.now)
    assert room.balance(account, "pictures") == Balance(-2, 0, 0, 2)
    assert give_back(room, "r2") is True
    assert room.balance(account, "pictures") == Balance(-1, 0, 0, 1)
    assert room.kinds() == ["charge", "charge", "refund"]
    room.assert_sound()


def test_a_month_is_granted_once(room) -> None:
    account = room.account()
    unit = "pictures:2026-11"
    for number in range(2):
        assert reserve(room, Claim(account.id, f"r{number}", unit, 1, grant=2)) is None
        charge(room, f"r{number}")
    assert reserve(room, Claim(account.id, "r2", unit, 1, grant=2)) == Balance(-2, 0, 0, 2)
    assert reserve(room, Claim(account.id, "r3", "pictures:2026-12", 1, grant=2)) is None
    assert room.kinds().count("grant") == 2
    room.assert_sound()


def test_what_fails_half_way_leaves_nothing(room) -> None:
    account = room.account(money=100)

    def work() -> None:
        with room.till.transaction() as teller:
            book.reserve(teller, claim(account), GATEWAY, room.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.reserved() == []


@pytest.mark.parametrize("table", ["ledger_transactions", "ledger_postings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 100", "DELETE FROM {}"])
def test_rows_of_the_ledger_are_only_ever_added(room, table: str, change: str) -> None:
    room.account(money=100)
    with pytest.raises(IntegrityError, match="only ever added"), room.database.writing() as connection:
        connection.exec_driver_sql(change.format(table))


def test_the_database_refuses_an_account_that_does_not_exist(room) -> None:
    with pytest.raises(Repeated), room.till.transaction() as teller:
        book.fund(teller, Entry("topup", "nobody", room.now), "money", 1)


@pytest.mark.parametrize(("money", "wins"), [(30, 1), (95, 3), (10**6, 24)])
def test_racing_reservations_never_take_more_than_there_is(room, money: int, wins: int) -> None:
    """Six threads with connections of their own; what does not fit is refused, never overdrawn."""
    account = room.account(money=money)
    gate = threading.Barrier(6)
    results: list[Balance | None] = []

    def race(thread: int) -> None:
        till = Till(room.database)
        gate.wait()
        for number in range(4):
            with till.transaction() as teller:
                results.append(book.reserve(teller, claim(account, f"{thread}-{number}"), GATEWAY, room.now))
        till.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 24
    assert results.count(None) == wins
    assert room.balance(account) == Balance(-money, money - 30 * wins, 30 * wins, 0)
    room.assert_sound()


def test_racing_settlements_happen_once(room) -> None:
    """A charge and a giving back of the same picture at once: one of them, never both."""
    account = room.account(money=10**6)
    outcomes: list[str] = []

    def settle(request_id: str, gate: threading.Barrier, *, charging: bool) -> None:
        till = Till(room.database)
        gate.wait()
        try:
            with till.transaction() as teller:
                if charging:
                    book.charge(teller, request_id, GATEWAY, room.now)
                    outcomes.append("charged")
                elif book.give_back(teller, request_id, GATEWAY, room.now, charged=False):
                    outcomes.append("given back")
        except ReservationLost:
            pass
        till.close()

    for number in range(15):
        reserve(room, claim(account, f"r{number}"))
        gate = threading.Barrier(2)
        pair = [
            threading.Thread(target=settle, args=(f"r{number}", gate), kwargs={"charging": charging})
            for charging in (True, False)
        ]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    assert len(outcomes) == 15
    charged = outcomes.count("charged")
    assert room.balance(account) == Balance(-(10**6), 10**6 - 30 * charged, 0, 30 * charged)
    room.assert_sound()


def test_racing_grants_are_one(room) -> None:
    account = room.account()
    gate = threading.Barrier(4)
    refused: list[object] = []

    def first(number: int) -> None:
        till = Till(room.database)
        wanted = Claim(account.id, f"r{number}", "pictures:2026-11", 1, grant=10)
        gate.wait()
        try:
            with till.transaction() as teller:
                book.reserve(teller, wanted, GATEWAY, room.now)
        except Repeated:
            refused.append(number)
        till.close()

    threads = [threading.Thread(target=first, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert room.kinds().count("grant") == 1
    assert room.balance(account, "pictures:2026-11").funding == -10
    assert room.balance(account, "pictures:2026-11").reserved == 4 - len(refused)
    room.assert_sound()


def test_a_till_survives_a_failure(room, database: Database) -> None:
    account = room.account(money=100)
    with pytest.raises(Exception, match="database of accounts failed"), room.till.transaction() as teller:
        teller.count("UPDATE no_such_table SET x = 1")
    assert room.balance(account).available == 100
