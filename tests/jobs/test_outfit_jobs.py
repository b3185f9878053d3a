"""An action with several garments and samples as a job: the same runner, each sample paid, all or none."""

from __future__ import annotations

import json

import pytest
from job_room import charges, gateway, spent

from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio

PARAMETERS = json.dumps(
    {
        "ModelUrl": "https://example.com/p",
        "Garments": [
            {"Url": "https://example.com/a", "ClothesType": "Upper-body", "Length": 1.2},
            {"Url": "https://example.com/b", "ClothesType": "Lower-body"},
        ],
        "SampleCount": 2,
        "WithMask": 1,
    }
)


async def made(job, *, deadline: float) -> RenderedImage:
    assert [one.image for one in job.outfit] == [b"Garments.0.Url", b"Garments.1.Url"]
    return RenderedImage(b"one", "image/jpeg", 768, 1024, "fake", {}, 0.8, ("A note.",), others=(b"two",), mask=b"mask")


async def test_each_sample_is_charged_and_told(place, monkeypatch) -> None:
    async with gateway(place.database, place.vault, Settings(), place.accounts) as one:
        monkeypatch.setattr(one.rooms, "render", made)
        job = await one.submit(action="ChangeOutfit", parameters=PARAMETERS)
        await one.round()
        found = await one.desk.find(job.id, "shop", "ChangeOutfit")
        assert found.state == "done"
        assert len(found.outcome.pictures) == len(found.outcome.details) == 3
        told = [json.loads(detail) for detail in found.outcome.details]
        assert told[0] == told[1] == {"Confidence": 0.8, "Warnings": ["A note."], "Garments": []}
        assert told[2] == {"Mask": True}
        assert one.rooms.events.count("put") == 3
    assert spent(place.database) == (2, 0)
    assert charges(place.database, job.request_id) == 1
    assert charges(place.database, f"{job.request_id.replace('-', '')}/2") == 1


async def test_a_charge_that_fails_half_way_charges_nothing(place, monkeypatch) -> None:
    async with gateway(place.database, place.vault, Settings(), place.accounts) as one:
        monkeypatch.setattr(one.rooms, "render", made)

        def broken(*_words: object, **_named: object) -> None:
            raise ApiError("results_full")

        monkeypatch.setattr(one.desk, "end", broken)
        job = await one.submit(action="ChangeOutfit", parameters=PARAMETERS)
        await one.round()
        assert await one.state(job) == "waiting"
    assert spent(place.database) == (0, 0)
