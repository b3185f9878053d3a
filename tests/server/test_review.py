"""The built-in reviewer in a real worker, and an operator's reviewer asked by the whole server."""

import base64
import socket
import time

import pytest
from pictures import encoded, figure, garment, logo

from fittingroom.engines.protocol import ClothesType
from fittingroom.errors import ApiError
from fittingroom.moderation.hook import Submission
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import LogoJob, RenderedImage, RenderJob
from fittingroom.server.services import local_services
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, Settings

pytestmark = pytest.mark.anyio

JOB = RenderJob(
    person=encoded(figure()),
    garment=encoded(garment()),
    clothes_type=ClothesType.UPPER,
    job_id="11111111-2222-4333-8444-555555555555",
    logo=LogoJob(encoded(logo())),
)


async def rendered(tmp_path, **moderation: object) -> RenderedImage:
    settings = Settings(
        data_dir=tmp_path / "data",
        engine=EngineSettings(name="flat_engine:FlatEngine"),
        dispatch=DispatchSettings(threads=1, memory_mb=256, cache_mb=0),
        moderation=ModerationSettings.model_validate(moderation),
    )
    services = local_services(settings)
    async with services.running():
        return await services.dispatcher.render(JOB, deadline=time.monotonic() + 30)


async def test_drawn_pictures_pass_the_real_reviewer_within_the_memory_of_a_job(tmp_path) -> None:
    image = await rendered(tmp_path)
    assert {"review", "review_result"} <= set(image.stages)


async def test_a_worker_refuses_inputs_over_the_threshold(tmp_path) -> None:
    with pytest.raises(ApiError) as caught:
        await rendered(tmp_path, max_input_score=1e-6)
    assert caught.value.code == "OperationDenied.ImageIllegalDetected"
    assert caught.value.values == {"parameter": "ModelUrl"}


async def test_a_worker_keeps_results_over_the_threshold(tmp_path) -> None:
    with pytest.raises(ApiError) as caught:
        await rendered(tmp_path, max_result_score=1e-6)
    assert caught.value.code == "FailedOperation.GenerateImageFailed"


async def test_switched_off_nothing_is_reviewed(tmp_path) -> None:
    image = await rendered(tmp_path, enabled=False, max_input_score=1e-6, max_result_score=1e-6)
    assert not {"review", "review_result"} & set(image.stages)


async def test_the_server_starts_and_stops_the_way_to_the_operators_reviewer(tmp_path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        secret = "whsec_" + base64.b64encode(bytes(24)).decode()
        moderation = ModerationSettings.model_validate(
            {"enabled": False, "hook_url": f"http://127.0.0.1:{free.getsockname()[1]}/", "hook_secret": secret}
        )
        engine = EngineSettings(name="flat_engine:FlatEngine")
        services = local_services(Settings(data_dir=tmp_path / "data", engine=engine, moderation=moderation))
        async with services.running():
            with pytest.raises(ApiError) as caught:
                await services.hook.review(
                    [Submission(Role.PERSON, b"x", "ModelUrl")], request_id="r", deadline=time.monotonic() + 5
                )
    assert caught.value.code == "FailedOperation.RpcFail"
