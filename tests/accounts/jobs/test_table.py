"""The table of jobs on both databases: whose turn it is, who has a job, and that only they can end it."""

from __future__ import annotations

import time

import pytest
from job_room import PARAMETERS
from sqlalchemy import text

from fittingroom.accounts import AccountError
from fittingroom.accounts.jobs import JobLost, Outcome
from fittingroom.accounts.jobs.table import JobTable
from fittingroom.errors import ApiError

DAY = 86_400.0
DONE = Outcome(pictures=("/results/secret-name.jpg",), details=("Success",))


def finish(table: JobTable, job, outcome: Outcome = DONE, keep: float = 60.0) -> None:
    with table.till.transaction() as teller:
        table.end(teller, job, outcome, keep)


def test_a_job_waits_runs_and_is_done(tables, new) -> None:
    table, job = tables.of("one"), new()
    assert table.add(job, 5)
    assert table.find(job.id, "shop", "ChangeClothes").state == "waiting"
    claimed = table.claim(job.id, DAY)
    assert (claimed.parameters, claimed.attempt, claimed.late) == (PARAMETERS, 1, False)
    assert (claimed.request_id, claimed.base_url) == (job.request_id, "https://shop.example")
    assert table.find(job.id, "shop", "ChangeClothes").state == "running"
    finish(table, claimed)
    found = table.find(job.id, "shop", "ChangeClothes")
    assert (found.state, found.outcome, found.request_id) == ("done", DONE, job.request_id)


def test_a_job_is_of_its_account_and_action(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    assert table.find(job.id, "other", "ChangeClothes") is None
    assert table.find(job.id, "shop", "ChangeOutfit") is None
    assert table.find("no such job", "shop", "ChangeClothes") is None


def test_nothing_private_stands_in_the_table(tables, new) -> None:
    table, job = tables.of("one"), new(callback="https://hook.example/?token=secret")
    table.add(job, 5)

    def rows() -> str:
        with tables.database.reading() as connection:
            return repr(connection.execute(text("SELECT * FROM jobs")).all())

    waiting = rows()
    finish(table, table.claim(job.id, DAY))
    for word in ("example.com", "hook.example", "secret-name"):
        assert word not in waiting + rows()
    with tables.database.reading() as connection:
        assert connection.execute(text("SELECT parameters FROM jobs")).scalar() is None


def test_what_was_sealed_for_one_job_opens_for_no_other(tables, new) -> None:
    table, one, other = tables.of("one"), new(), new()
    table.add(one, 5)
    table.add(other, 5)
    with tables.database.writing() as connection:
        connection.execute(
            text("UPDATE jobs SET parameters = (SELECT parameters FROM jobs WHERE id = :id)"), {"id": one.id}
        )
    assert table.claim(one.id, DAY).parameters == PARAMETERS
    assert table.claim(other.id, DAY).parameters is None


def test_an_account_may_have_so_many_and_no_more(tables, new) -> None:
    table, jobs = tables.of("one"), [new() for _ in range(4)]
    assert [table.add(job, 3) for job in jobs] == [True, True, True, False]
    assert table.add(new("other"), 3)
    finish(table, table.claim(jobs[0].id, DAY))
    assert table.add(jobs[3], 3)


def test_each_account_has_one_turn_the_oldest_first(tables, new) -> None:
    table = tables.of("one")
    jobs = [new("shop"), new("shop"), new("other"), new("shop")]
    for job in jobs:
        table.add(job, 9)
        time.sleep(0.003)  # SQLite's clock counts milliseconds
    assert [one.id for one in table.oldest()] == [jobs[0].id, jobs[2].id]
    table.claim(jobs[0].id, DAY)
    first, second = table.oldest()
    assert [first.id, second.id] == [jobs[1].id, jobs[2].id]
    assert table.oldest(first) == [second]
    assert table.oldest(second) == []


def test_one_of_two_gateways_gets_a_job(tables, new) -> None:
    one, two, job = tables.of("one"), tables.of("two"), new()
    one.add(job, 5)
    assert two.claim(job.id, DAY) is not None
    assert one.claim(job.id, DAY) is None


def test_a_job_that_is_given_back_waits_for_its_pause(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    claimed = table.claim(job.id, DAY)
    table.give_back(claimed, 60.0, counted=False)
    assert table.oldest() == []
    again = table.claim(job.id, DAY)
    assert again.attempt == 1
    with pytest.raises(JobLost):
        finish(table, claimed)
    table.give_back(again, 0.0, counted=True)
    assert [one.id for one in table.oldest()] == [job.id]
    assert table.claim(job.id, DAY).attempt == 2


def test_those_that_wait_and_run_are_counted_for_all_gateways(tables, new) -> None:
    one, two, jobs = tables.of("one"), tables.of("two"), [new(), new(), new()]
    assert one.unended() == {"waiting": 0, "running": 0}
    for job in jobs:
        one.add(job, 5)
    finish(one, one.claim(jobs[0].id, DAY))
    two.claim(jobs[1].id, DAY)
    assert one.unended() == two.unended() == {"waiting": 1, "running": 1}


def test_a_dead_gateway_s_job_is_taken_and_it_can_change_nothing_more(tables, new) -> None:
    one, two, job = tables.of("one", 0.05), tables.of("two"), new()
    one.add(job, 5)
    lost = one.claim(job.id, DAY)
    tables.die("one")
    time.sleep(0.1)
    assert two.take_from_dead() == 1
    assert two.take_from_dead() == 0
    with pytest.raises(JobLost):
        finish(one, lost)
    claimed = two.claim(job.id, DAY)
    assert claimed.attempt == 2
    assert claimed.claim != lost.claim
    with pytest.raises(JobLost):
        finish(one, lost)
    with pytest.raises(JobLost):
        one.fail(lost, Outcome.failure(ApiError("internal")), 60.0)
    one.give_back(lost, 0.0, counted=True)
    assert one.renew({job.id}) == set()
    finish(two, claimed)
    with pytest.raises(JobLost):
        finish(two, claimed)
    assert two.find(job.id, "shop", "ChangeClothes").outcome == DONE


def test_a_living_gateway_keeps_its_job(tables, new) -> None:
    one, two, job = tables.of("one"), tables.of("two"), new()
    one.add(job, 5)
    claimed = one.claim(job.id, DAY)
    assert one.renew({job.id}) == {job.id}
    assert two.take_from_dead() == 0
    finish(one, claimed)


def test_what_a_gateway_holds_and_does_not_work_on_waits_again(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    table.claim(job.id, DAY)
    assert table.renew(set()) == set()
    assert [one.id for one in table.oldest()] == [job.id]


def test_a_job_that_waits_for_too_long_is_late(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    assert table.late(60.0) == []
    with tables.database.writing() as connection:
        connection.execute(text("UPDATE jobs SET created_at = created_at - 61"))
    assert [one.id for one in table.late(60.0)] == [job.id]
    assert table.claim(job.id, 60.0).late


def test_an_ended_job_is_forgotten(tables, new) -> None:
    table, jobs = tables.of("one"), [new(), new(), new()]
    for job, keep in zip(jobs, (0.0, 60.0, None), strict=True):
        table.add(job, 5)
        if keep is not None:
            finish(table, table.claim(job.id, DAY), keep=keep)
    assert table.find(jobs[0].id, "shop", "ChangeClothes") is None
    assert table.sweep() == 1
    assert [table.find(job.id, "shop", "ChangeClothes") is None for job in jobs] == [True, False, False]


def test_a_result_that_cannot_be_read_is_told_as_a_fault_of_the_database(tables, new) -> None:
    table, job = tables.of("one"), new()
    table.add(job, 5)
    finish(table, table.claim(job.id, DAY))
    with tables.database.writing() as connection:
        connection.execute(text("UPDATE jobs SET outcome = 'x'"))
    with pytest.raises(AccountError, match="master key"):
        table.find(job.id, "shop", "ChangeClothes")
