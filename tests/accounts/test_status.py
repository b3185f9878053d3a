import itertools

import pytest

from fittingroom.accounts import AccountError, ServiceStatus
from fittingroom.accounts.status import BY_BALANCE, REASONS, TRANSITIONS, Mover, check_move, check_status, may_move
from fittingroom.errors import ApiError
from fittingroom.errors.reasons import REASONS as MESSAGES

S = ServiceStatus


def test_every_status_has_a_way_in_and_a_way_out() -> None:
    assert set(TRANSITIONS) == set(S)
    assert {after for ways in TRANSITIONS.values() for after in ways} == set(S)
    assert all(TRANSITIONS[status] for status in S)


def test_an_operator_can_bring_any_account_from_any_status_to_any_other() -> None:
    for start in S:
        reached, edge = {start}, {start}
        while edge:
            edge = {after for before in edge for after in S if may_move(before, after, Mover.OPERATOR)}
            edge -= reached
            reached |= edge
        assert reached == set(S)


def test_the_ledger_moves_only_by_the_balance() -> None:
    pairs = {(a, b) for a, b in itertools.product(S, S) if may_move(a, b, Mover.LEDGER)}
    assert pairs == {(a, b) for a, b in itertools.permutations(BY_BALANCE, 2)}


def test_a_refused_move_says_what_is_possible() -> None:
    with pytest.raises(AccountError, match="from active to delivering; from active it can become: in-arrears, low-bal"):
        check_move(S.ACTIVE, S.DELIVERING, Mover.OPERATOR)
    with pytest.raises(AccountError, match="is stopped already; from there it can become: active, not-activated"):
        check_move(S.STOPPED, S.STOPPED, Mover.OPERATOR)
    with pytest.raises(AccountError, match="cannot go from stopped to active"):
        check_move(S.STOPPED, S.ACTIVE, Mover.LEDGER)
    check_move(S.STOPPED, S.ACTIVE, Mover.OPERATOR)


def test_every_status_but_active_is_refused_with_a_code_of_its_own() -> None:
    check_status(S.ACTIVE)
    codes = set()
    for status in set(S) - {S.ACTIVE}:
        with pytest.raises(ApiError) as caught:
            check_status(status)
        assert caught.value.reason == REASONS[status]
        codes.add(MESSAGES[caught.value.reason].code)
    assert len(codes) == 6
