"""How the text encoder is told of the photos."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer  # noqa: E402

from fittingroom.engines.qwen_edit.reading import PHOTO, PhotoReader, with_places  # noqa: E402

pytestmark = pytest.mark.neural


@pytest.fixture
def reader(qwen_store: Path) -> PhotoReader:
    folder = qwen_store / "qwen-edit"
    return PhotoReader.of(folder, Qwen2Tokenizer.from_pretrained(folder / "tokenizer"))


def test_each_photo_has_as_many_tokens_as_merged_patches(reader: PhotoReader) -> None:
    photos = [Image.new("RGB", (112, 112), "red"), Image.new("RGB", (112, 56), "blue")]
    read = reader(text=[f"a {PHOTO} b {PHOTO}"], images=photos, padding=True, return_tensors="pt")
    grids = read["image_grid_thw"]
    assert grids.tolist() == [[1, 8, 8], [1, 4, 8]]
    number = reader.tokenizer.convert_tokens_to_ids(PHOTO)
    assert int((read["input_ids"] == number).sum()) == 16 + 8
    assert read["pixel_values"].shape[0] == 64 + 32
    assert torch.equal(read["attention_mask"], torch.ones_like(read["input_ids"]))


def test_another_number_of_photos_than_of_places_is_refused(reader: PhotoReader) -> None:
    with pytest.raises(ValueError, match="placeholders"):
        reader(text=[f"{PHOTO}{PHOTO}"], images=[Image.new("RGB", (112, 112))])


def test_the_encoder_places_photos_in_rows_and_columns(reader: PhotoReader, qwen_store: Path) -> None:
    encoder = Qwen2_5_VLForConditionalGeneration.from_pretrained(qwen_store / "qwen-edit" / "text_encoder").eval()
    read = reader(text=[f"a {PHOTO} b"], images=[Image.new("RGB", (112, 84), "red")])
    with torch.inference_mode():
        flat = encoder(**read, output_hidden_states=True).hidden_states[-1]
        told = torch.zeros_like(read["input_ids"])
        told[read["input_ids"] == encoder.config.image_token_id] = 1
        right = encoder(**read, mm_token_type_ids=told.int(), output_hidden_states=True).hidden_states[-1]
        with_places(encoder)
        hooked = encoder(**read, output_hidden_states=True).hidden_states[-1]
    assert torch.equal(hooked, right)
    assert not torch.allclose(flat, right, atol=1e-4)
