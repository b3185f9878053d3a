"""The whole path once with the real engine: the official SDK in, a dressed photo of the sample person out.

The person is NASA's portrait that scikit-image brings (public domain), enlarged to the limits; the garment is drawn.
"""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from answers import succeeded
from pictures import encoded, shirt
from PIL import Image
from running_server import LOOPBACK, running
from skimage import data

from fittingroom.models import MissingWeight, weight_path

pytestmark = pytest.mark.weights

SECONDS = 170
"""What the picture may take on a busy machine; the default deadline would be a test of its speed."""


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    """768 x 1024, RGB."""
    return Image.fromarray(data.astronaut()).crop((64, 0, 448, 512)).resize((768, 1024), Image.Resampling.LANCZOS)


@pytest.fixture(scope="module")
def drape(world):
    """A second server on the same data directory, with the engine that `serve` takes by default."""
    try:
        weight_path("u2net_cloth_seg")
    except MissingWeight as error:
        pytest.skip(str(error))
    with running(world.server.data_dir, *LOOPBACK, variables={"FITTINGROOM_LIMITS__DEADLINE": str(SECONDS)}) as server:
        yield server


def test_a_dressed_photo(world, drivers, drape, portrait):
    person = world.origin.publish("/portrait.png", encoded(portrait))
    cloth = world.origin.publish("/tee.png", encoded(shirt()))
    parameters = world.parameters(ModelUrl=person, ClothesUrl=cloth, RspImgType="base64")
    answer = drivers("python-intl").ask(world.case("sync", endpoint=drape.endpoint, params=parameters, timeout=SECONDS))
    result = Image.open(io.BytesIO(base64.b64decode(succeeded(answer)))).convert("RGB")
    assert result.size == portrait.size
    before, after = (np.asarray(picture, np.int16) for picture in (portrait, result))
    greener = (after - before)[..., 1] - (after - before)[..., 0]
    assert (greener > 40).mean() > 0.05  # the suit is orange, the garment green
    face = np.s_[120:360, 300:460]
    assert np.abs(after[face] - before[face]).mean() < 4  # untouched but for JPEG
