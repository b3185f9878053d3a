import json
import time

from fittingroom.accounts import AccountError, Database
from fittingroom.accounts.store import accounts, keys
from fittingroom.dispatch.crew import Worker
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.pages.console import facts


def test_work_is_the_dispatchers_status_with_each_worker(place) -> None:
    place.status = DispatchStatus("BUSY", "drape", 1, 1, "worker 0: see https://x/?token=s3cret", waiting=3, restarts=2)
    told = facts.work(place.watched())
    assert {name: told[name] for name in ("state", "serving", "running", "waiting", "restarts", "engine_reason")} == {
        "state": "BUSY",
        "serving": True,
        "running": 1,
        "waiting": 3,
        "restarts": 2,
        "engine_reason": "because",
    }
    assert told["submitted"] == {"waiting": 2, "running": 1}
    assert told["crew"] == [{"number": 0, "state": "BUSY", "pid": 4711, "memory": 1000, "restarts": 2, "detail": ""}]
    assert "s3cret" not in told["detail"]


def test_what_libraries_put_into_their_errors_is_not_told(place, monkeypatch) -> None:
    place.worker = Worker(0, "SETUP_FAILED", 1, 1, 0, "see https://x/?token=s3cret")
    assert facts.work(place.watched())["crew"][0]["detail"] == "see https://x/?..."

    def revision(_self: Database) -> str:
        raise AccountError("postgresql://db/f?password=s3cret is away " + "x " * 900)

    monkeypatch.setattr(Database, "revision", revision)
    trouble = facts.health(place.watched(), time.time())["database"]["trouble"]
    assert trouble.startswith("postgresql://db/f?... is away")
    assert len(trouble) == 500


def test_a_server_that_takes_no_work_says_so(place) -> None:
    for state in ("STARTING", "SETUP_FAILED", "DRAINING"):
        place.status = DispatchStatus(state, "drape", 1, 0)
        assert facts.work(place.watched())["serving"] is False


def test_accounts_and_keys_without_a_secret(place) -> None:
    accounts.create(place.store, "shop")
    made = keys.create(place.store, "shop")
    told = facts.accounts(place.watched())
    assert told["accounts"][0]["name"] == "shop"
    assert told["accounts"][0]["available"] == "0.00"
    assert [(one["id"], one["state"]) for one in told["keys"]] == [
        (f"{made.secret_id[:8]}…{made.secret_id[-4:]}", "enabled")
    ]
    assert told["more"] == {"accounts": False, "keys": False}
    written = json.dumps(told)
    assert made.secret_key not in written
    assert made.secret_id not in written


def test_accounts_beyond_the_bound_are_told_of(place, monkeypatch) -> None:
    monkeypatch.setattr(facts.overview, "MOST", 1)
    for name in ("one", "two"):
        accounts.create(place.store, name)
    told = facts.accounts(place.watched())
    assert [one["name"] for one in told["accounts"]] == ["one"]
    assert told["more"] == {"accounts": True, "keys": False}


def test_use_names_its_days(place) -> None:
    told = facts.pictures(place.watched())
    assert told == {"today": int(time.time() // 86_400), "days": 30, "pictures": []}


def test_health_of_a_server_that_is_well(place) -> None:
    told = facts.health(place.watched(), time.time() - 60)
    assert 60 <= told["uptime"] < 90
    assert told["database"]["kind"] == "sqlite"
    assert told["database"]["bytes"] > 0
    assert told["database"]["trouble"] == ""
    assert (told["results"]["kept"], told["results"]["trouble"], told["results"]["place"]) == (12345, "", "disk")
    assert 0 < told["disk"]["free"] < told["disk"]["total"]
    assert {"fittingroom", "python", "sqlalchemy"} <= {one["name"] for one in told["versions"]}


def test_health_tells_what_is_wrong_with_the_database_and_the_results(place) -> None:
    with place.store.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE meta")
    place.trouble = "PUT https://bucket.example/a?X-Amz-Signature=abc failed"
    told = facts.health(place.watched(), time.time())
    assert "no such table" in told["database"]["trouble"]
    assert told["results"]["trouble"] == "PUT https://bucket.example/a?... failed"
