"""Due callbacks on both databases, and the secrets that sign them."""

from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import text

from fittingroom.accounts import AccountError, Store, Vault, VaultError
from fittingroom.accounts.jobs import Outcome, callbacks
from fittingroom.accounts.jobs.callbacks import CallbackTable
from fittingroom.errors import ApiError

URL = "https://hook.example/?token=secret"
FAILED = Outcome.failure(ApiError("internal"))


@pytest.fixture
def operator(tables) -> Store:
    return Store(tables.database, tables.vault, "cli:alice")


def ended(tables, new, gateway: str = "one") -> tuple[CallbackTable, str]:
    table, job = tables.of(gateway), new(callback=URL)
    table.add(job, 5)
    table.fail(table.claim(job.id, 60.0), FAILED, 60.0)
    return CallbackTable(table, tables.vault), job.id


def ids(table: CallbackTable) -> list[str]:
    return [due.id for due in table.due()]


def test_a_callback_is_due_when_the_job_has_ended(tables, new) -> None:
    table, job = tables.of("one"), new(callback=URL)
    due = CallbackTable(table, tables.vault)
    table.add(job, 5)
    claimed = table.claim(job.id, 60.0)
    assert ids(due) == []
    table.fail(claimed, FAILED, 60.0)
    assert ids(due) == [job.id]
    callback = due.take(job.id, 60.0)
    assert (callback.url, callback.tries, callback.found.outcome) == (URL, 1, FAILED)
    assert "secret" not in repr(callback)
    assert ids(due) == []


def test_of_each_account_only_so_many_are_due_at_once(tables, new) -> None:
    table = tables.of("one")
    due = CallbackTable(table, tables.vault)
    for account_id in ("shop", "shop", "shop", "other"):
        job = new(account_id, callback=URL)
        table.add(job, 5)
        table.fail(table.claim(job.id, 60.0), FAILED, 60.0)
    assert sorted(one.account_id for one in due.due(limit=9, each=2)) == ["other", "shop", "shop"]
    assert len(due.due(limit=2, each=2)) == 2


def test_what_is_put_back_was_not_tried(tables, new) -> None:
    due, job_id = ended(tables, new)
    due.take(job_id, 60.0)
    due.not_now(job_id, 60.0)
    assert ids(due) == []
    with tables.database.writing() as connection:
        connection.execute(text("UPDATE jobs SET callback_at = 1"))
    assert due.take(job_id, 60.0).tries == 1


def test_a_job_without_a_url_is_told_to_nobody(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    table.fail(table.claim(job.id, 60.0), FAILED, 60.0)
    assert ids(CallbackTable(table, tables.vault)) == []


def test_one_of_two_gateways_tells(tables, new) -> None:
    one, job_id = ended(tables, new)
    other = CallbackTable(tables.of("two"), tables.vault)
    assert ids(other) == [job_id]
    assert one.take(job_id, 60.0) is not None
    assert other.take(job_id, 60.0) is None


def test_what_a_gateway_died_over_is_due_again(tables, new) -> None:
    due, job_id = ended(tables, new)
    due.take(job_id, 0.05)
    time.sleep(0.1)
    assert ids(due) == [job_id]
    assert due.take(job_id, 60.0).tries == 2


def test_a_callback_is_put_off_and_ended(tables, new) -> None:
    due, job_id = ended(tables, new)
    due.take(job_id, 0.0)
    due.tell_later(job_id, 60.0)
    assert ids(due) == []
    due.tell_later(job_id, 0.0)
    assert ids(due) == [job_id]
    due.told(job_id)
    assert ids(due) == []
    due.tell_later(job_id, 0.0)
    assert ids(due) == []
    with tables.database.reading() as connection:
        assert connection.execute(text("SELECT callback FROM jobs")).scalar() is None


def test_a_secret_is_made_shown_and_changed(tables, operator, new) -> None:
    due = CallbackTable(tables.of("one"), tables.vault)
    assert (callbacks.show(operator, "shop"), due.secrets("shop")) == (None, [])
    first = callbacks.rotate(operator, "shop")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first)
    assert (callbacks.show(operator, "shop"), due.secrets("shop")) == (first, [first])
    second = callbacks.rotate(operator, "shop")
    assert due.secrets("shop") == [second, first]
    assert due.secrets("other") == []
    with tables.database.writing() as connection:
        connection.execute(text("UPDATE webhooks SET previous_until = 1"))
    assert due.secrets("shop") == [second]


def test_secrets_are_sealed_each_for_its_account(tables, operator) -> None:
    mine = callbacks.rotate(operator, "shop")
    callbacks.rotate(operator, "other")
    with tables.database.reading() as connection:
        assert mine not in repr(connection.execute(text("SELECT * FROM webhooks")).all())
        assert mine not in repr(connection.execute(text("SELECT detail FROM audit")).all())
    with tables.database.writing() as connection:
        swapped = "UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE account_id = 'shop')"
        connection.execute(text(swapped))
    with pytest.raises(VaultError):
        callbacks.show(operator, "other")


def test_a_master_key_that_does_not_fit(tables, operator, tmp_path) -> None:
    callbacks.rotate(operator, "shop")
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(VaultError):
        callbacks.show(Store(tables.database, Vault.open(tmp_path / "elsewhere"), "cli:alice"), "shop")


def test_an_account_that_is_not_there(operator) -> None:
    with pytest.raises(AccountError, match="no account"):
        callbacks.rotate(operator, "nobody")
    with pytest.raises(AccountError, match="no account"):
        callbacks.show(operator, "nobody")
