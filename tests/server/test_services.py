import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pictures import encoded, figure
from redis_server import redis_server
from starlette.testclient import TestClient

from fittingroom.accounts import VaultError
from fittingroom.engines.choice import Choice
from fittingroom.errors import ApiError
from fittingroom.server.run import application
from fittingroom.server.services import LocalServices, local_services
from fittingroom.settings import AccountSettings, EngineSettings, ResultSettings, Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", engine=EngineSettings(name="flat_engine:FlatEngine"))


def closed(services: LocalServices) -> LocalServices:
    services.database.close()
    return services


async def test_all_parts_run_inside_the_block_and_stop_after_it(settings: Settings) -> None:
    services = local_services(settings)
    before = asyncio.all_tasks()
    async with services.running():
        assert await services.keys.find("AKIDnothere", None) is None
        async with asyncio.timeout(20):
            while services.dispatcher.status().state != "READY":
                await asyncio.sleep(0.02)
        url = await services.results.put(b"picture", "image/jpeg", "account-1")
        assert url.startswith("/results/")
    await asyncio.sleep(0)
    assert services.dispatcher.status().state == "DRAINING"
    assert asyncio.all_tasks() == before


async def test_limits_in_redis_start_and_stop_with_the_others(settings: Settings, tmp_path: Path) -> None:
    """On a Redis that nobody has asked yet, which is waited for: one lease's time."""
    with redis_server(tmp_path / "redis") as server:
        changes = {"limits": {"url": server.url, "lease": 2.2}, "dispatch": {"grace": 0.1}}
        given = Settings.model_validate({"data_dir": settings.data_dir, "engine": settings.engine, **changes})
        services = local_services(given)
        services.limits.check()
        before = asyncio.all_tasks()
        async with services.running(), services.permits.hold("a", 1):
            with pytest.raises(ApiError, match="job_num_exceed"):
                await services.permits.hold("a", 1).__aenter__()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        with server.client() as client:
            assert client.zcard("fittingroom:permits:a") == 0
            assert len(client.client_list()) == 1, "the gateway has closed its connections"


async def test_a_part_that_cannot_start_takes_the_others_down(settings: Settings, monkeypatch) -> None:
    services = closed(local_services(settings))
    before = asyncio.all_tasks()

    async def broken() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(services.results, "start", broken)
    with pytest.raises(OSError, match="disk full"):
        async with services.running():
            pytest.fail("started")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def test_photos_are_probed_within_the_limits(settings: Settings) -> None:
    services = closed(local_services(settings))
    services.probe(encoded(figure()), parameter="ModelUrl")
    with pytest.raises(ApiError) as caught:
        services.probe(encoded(figure((600, 512))), parameter="ClothesUrl")
    assert "`ClothesUrl`" in caught.value.message()
    assert "600x512" in caught.value.message()


def test_the_key_of_result_urls_is_made_once(settings: Settings) -> None:
    closed(local_services(settings))
    first = (settings.data_dir / "results.key").read_bytes()
    assert len(first) == 32
    closed(local_services(settings))
    assert (settings.data_dir / "results.key").read_bytes() == first


async def test_a_set_key_of_result_urls_is_used(settings: Settings) -> None:
    given = ResultSettings.model_validate({"signing_key": "a key that was set by hand"})
    one = closed(local_services(settings.model_copy(update={"results": given})))
    two = closed(local_services(settings.model_copy(update={"results": given})))
    assert not (settings.data_dir / "results.key").exists()
    await one.results.start()
    url = await one.results.put(b"picture", "image/jpeg", "account-1")
    path, _, query = url.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&"))
    assert (await two.results.open(path.rpartition("/")[2], pairs)).data == b"picture"


def test_a_bad_master_key_is_an_error_before_anything_runs(settings: Settings) -> None:
    bad = AccountSettings.model_validate({"master_key": "no key"})
    with pytest.raises(VaultError, match="not valid"):
        local_services(settings.model_copy(update={"accounts": bad}))


def test_the_services_run_the_engine_that_auto_stands_for(settings: Settings, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "no weights"))
    given = settings.model_copy(update={"engine": EngineSettings()})
    services = closed(local_services(given))
    assert services.settings.engine.name == services.choice.engine == services.dispatcher.status().engine == "drape"
    assert services.choice.reason.startswith("it needs no card; fashn: ")


def test_the_reason_is_in_readyz(settings: Settings, monkeypatch) -> None:
    services = closed(local_services(settings))
    told = replace(services, choice=Choice("drape", "it is the only one"))
    answer = TestClient(application(settings, told)).get("/readyz")  # outside its block: nothing starts
    assert answer.json()["engine_reason"] == "it is the only one"
