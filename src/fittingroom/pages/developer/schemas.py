"""JSON schemas of the actions' parameters and answers, as a reader wants them.

Pydantic makes them from the very models that read requests; here they get words, the values and bounds that the
actions check themselves, and lose what only pydantic needs. Invariant: a schema refuses nothing that the server takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from fittingroom.actions.change_outfit import FITS, MAX_SAMPLES, MAX_SEED, TUCKS
from fittingroom.actions.dressing import RETURN_TYPES
from fittingroom.actions.fields import WireModel, WireResult
from fittingroom.engines.outfit import MAX_PIECES, Kind, Worn
from fittingroom.engines.protocol import LENGTHS, ClothesType
from fittingroom.images.logo import MAX_SIDE
from fittingroom.pages.developer.words import Words, of_field

WORDS_ZH: Final = "x-description-zh"

_TYPES: Final = {"enum": [kind.value for kind in ClothesType]}
_RETURNED: Final = {"enum": list(RETURN_TYPES), "default": RETURN_TYPES[0]}
_OUTFITS: Final = ("ChangeOutfitRequest", "SubmitChangeOutfitJobRequest")
_OUTFIT: Final[Mapping[str, Mapping[str, Any]]] = {
    "Garments": {"minItems": 1, "maxItems": MAX_PIECES},
    "Seed": {"minimum": 0, "maximum": MAX_SEED},
    "SampleCount": {"minimum": 1, "maximum": MAX_SAMPLES},
}
_CHECKED: Final[Mapping[str, Mapping[str, Any]]] = {
    "ChangeClothesRequest.ClothesType": _TYPES,
    "SubmitChangeClothesJobRequest.ClothesType": _TYPES,
    "ChangeClothesRequest.RspImgType": _RETURNED,
    "ChangeOutfitRequest.RspImgType": _RETURNED,
    "SubmitChangeClothesJobRequest.RspImgType": {"enum": list(RETURN_TYPES)},
    "SubmitChangeOutfitJobRequest.RspImgType": {"enum": list(RETURN_TYPES)},
    "Garment.ClothesType": {"enum": [kind.value for kind in Kind]},
    "Garment.Worn": {"enum": [worn.value for worn in Worn]},
    "Garment.Fit": {"enum": list(FITS)},
    "Garment.Tuck": {"enum": list(TUCKS)},
    "Garment.Length": {"minimum": LENGTHS[0], "maximum": LENGTHS[1]},
    "LogoRect.Width": {"minimum": 1, "maximum": MAX_SIDE},
    "LogoRect.Height": {"minimum": 1, "maximum": MAX_SIDE},
    **{f"{model}.{field}": bounds for model in _OUTFITS for field, bounds in _OUTFIT.items()},
    "QueryJobResult.JobStatusCode": {"enum": ["1", "2", "4", "5"]},
}
"""What actions check beside the models, by `Model.Field`."""

_HUGE: Final = 2**63 - 1


def schemas(requests: list[type[WireModel]], results: list[type[WireResult]]) -> dict[str, Any]:
    """Model name -> schema, of all models and of those within them."""
    wanted = [(model, "validation") for model in requests] + [(model, "serialization") for model in results]
    _, made = models_json_schema(wanted, by_alias=True, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return {name: _model(name, schema) for name, schema in made.get("$defs", {}).items()}


def described(schema: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The schema with its words."""
    return {**schema, "description": words.en, WORDS_ZH: words.zh}


def _model(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = {
        field: described({**_plain(each), **_CHECKED.get(f"{name}.{field}", {})}, of_field(name, field))
        for field, each in schema.get("properties", {}).items()
    }
    kept = {"type": "object", "properties": fields, "additionalProperties": False}
    return kept | ({"required": schema["required"]} if "required" in schema else {})


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without titles, 64-bit bounds, and null where it only stands for what is left out."""
    several = schema.get("anyOf", [])
    if several and {"type": "null"} in several:
        inner = next(each for each in several if each != {"type": "null"})
        optional = "default" in schema
        return _plain(inner) if optional or "type" not in inner else {**_plain(inner), "type": [inner["type"], "null"]}
    made = {name: value for name, value in schema.items() if name not in {"title", "description"}}
    if made.get("maximum") == _HUGE:
        del made["maximum"], made["minimum"]
        made["format"] = "int64"
    if made.get("default", "") is None:
        del made["default"]
    return made
