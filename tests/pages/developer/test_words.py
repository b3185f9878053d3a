"""Every action and every field has words in both languages, and no words are left over."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from fittingroom.actions.registry import ACTIONS, Action
from fittingroom.pages.developer.openapi import result_of
from fittingroom.pages.developer.words import example_of, keys, of_action, of_field

TABLE = [action for named in ACTIONS.values() for action in named.values()]


def models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all within it."""
    found = {model}
    for field in model.model_fields.values():
        for inner in _classes(field.annotation):
            found |= models_of(inner)
    return found


def _classes(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in getattr(annotation, "__args__", ()) for found in _classes(each)]


def all_fields() -> set[tuple[str, str]]:
    found: set[type[BaseModel]] = set()
    for action in TABLE:
        found |= models_of(action.request) | models_of(result_of(action))
    return {
        (model.__name__, field.serialization_alias or field.alias or name)
        for model in found
        for name, field in model.model_fields.items()
    }


def test_every_field_has_words_in_both_languages() -> None:
    assert len(all_fields()) > 60
    for model, field in all_fields():
        words = of_field(model, field)
        assert words.en.endswith((".", "_+-")), (model, field)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words.zh), (model, field)


def test_no_words_are_left_over() -> None:
    fields = {field for _, field in all_fields()} | {f"{model}.{field}" for model, field in all_fields()}
    assert keys() - fields == {"RequestId"}


@pytest.mark.parametrize("action", TABLE, ids=lambda action: action.name)
def test_every_action_has_words_and_an_example_that_the_server_would_read(action: Action) -> None:
    assert of_action(action.name).en != of_action(action.name).zh
    action.request.model_validate(example_of(action.name))


def test_a_field_without_words_is_found() -> None:
    with pytest.raises(KeyError):
        of_field("ChangeClothesRequest", "Shoes")
