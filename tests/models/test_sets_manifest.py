import pytest
from pydantic import ValidationError

from fittingroom.models.errors import ModelsError
from fittingroom.models.sets_manifest import all_sets, find_set, read_sets

GOOD = """
[silk]
use = "testing"
download = 10
memory = { bf16 = 1.5 }
seconds = { H100 = 2 }
basis = "estimated"

[[silk.repositories]]
id = "someone/silk"
files = ["model.safetensors", "text/*"]
use = "testing"
license = "MIT"
commercial = true
publisher = "nobody"
trained_on = "nothing"
"""


def test_the_list_that_ships_names_the_three_engines() -> None:
    assert list(all_sets()) == ["fashn", "flux2-klein", "qwen-edit"]
    for one in all_sets().values():
        assert one.commercial
        assert one.license == "Apache-2.0"
        assert one.memory["bf16"] > 0
        assert "estimated" in one.basis
        for part in one.repositories:
            assert not any(pattern.endswith((".bin", ".ckpt", ".pt", ".py", ".pkl")) for pattern in part.files)
            assert {path for path in part.sha256 if not part.wants(path)} == set()


def test_which_sets_are_pinned_is_said_as_it_is() -> None:
    assert {name: one.pinned for name, one in all_sets().items()} == {
        "fashn": True,
        "flux2-klein": True,
        "qwen-edit": True,
    }


def test_a_repository_that_says_nothing_is_not_commercial() -> None:
    silent = read_sets(GOOD.replace("commercial = true\n", ""))["silk"]
    assert not silent.commercial
    assert read_sets(GOOD)["silk"].commercial


def test_one_part_decides_for_all() -> None:
    second = GOOD[GOOD.index("[[") :].replace("commercial = true", "commercial = false").replace("MIT", "CC-BY-NC-4.0")
    both = read_sets(GOOD + second)["silk"]
    assert not both.commercial
    assert both.license == "MIT and CC-BY-NC-4.0"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('license = "MIT"\n', ""),
        ('license = "MIT"', 'license = "CC-BY-NC-4.0"'),
        ('id = "someone/silk"', 'id = "silk"'),
        ('id = "someone/silk"', 'id = "someone/silk"\nrevision = "main"'),
        ('id = "someone/silk"', 'id = "someone/silk"\ninto = "../up"'),
        ('id = "someone/silk"', 'id = "someone/silk"\ninto = "a/b"'),
        ('id = "someone/silk"', 'id = "someone/silk"\nsha256 = { x = "12" }'),
        ("bf16 = 1.5", "int3 = 1.5"),
        ('files = ["model.safetensors", "text/*"]', "files = []"),
        ("download = 10", "download = 0"),
    ],
)
def test_what_is_incomplete_or_odd_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(ValidationError):
        read_sets(GOOD.replace(old, new))


def test_files_are_wanted_placed_and_missed_by_pattern() -> None:
    part = read_sets(GOOD.replace('id = "someone/silk"', 'id = "someone/silk"\ninto = "sub"'))["silk"].repositories[0]
    assert part.wants("text/deep/config.json")
    assert not part.wants("other.safetensors")
    assert part.place("model.safetensors") == "sub/model.safetensors"
    assert part.lacking(frozenset({"text/a"})) == ("model.safetensors",)
    assert part.lacking(frozenset({"text/a", "model.safetensors"})) == ()


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ModelsError, match=r"'satin'\. Known: fashn, flux2-klein, qwen-edit"):
        find_set("satin")
