"""Sizes are read from shapes, and a checkpoint of something else is refused by what is wrong with it."""

import pytest

from fittingroom.engines.fashn.config import Config, NotThisNetwork, config_of

SHAPES = {
    "x_embedder.proj.weight": (1280, 7, 12, 12),
    "y_embedder.weight": (4, 1280),
    "t_embedder.mlp.in_layer.weight": (1280, 256),
    "single_blocks.0.norm.query_norm.scale": (128,),
    "single_blocks.0.linear1.weight": (8960, 1280),
    **{f"x_patch_mixer.{k}.linear2.bias": (1280,) for k in range(4)},
    **{f"double_blocks.{k}.img_mod.lin.bias": (7680,) for k in range(8)},
    **{f"single_blocks.{k}.linear2.bias": (1280,) for k in range(16)},
}


def test_the_published_sizes_are_read_from_shapes_alone() -> None:
    assert config_of(SHAPES) == Config()
    assert Config().axes == (16, 56, 56)
    assert Config().tokens(864, 576) == 3456


def test_blocks_are_counted_by_their_highest_number() -> None:
    fewer = {name: shape for name, shape in SHAPES.items() if not name.startswith("x_patch_mixer")}
    assert config_of(fewer).mixers == 0


@pytest.mark.parametrize("lacking", ["x_embedder.proj.weight", "y_embedder.weight", "single_blocks.0.linear1.weight"])
def test_a_file_without_a_tensor_that_tells_a_size_is_not_of_this_network(lacking: str) -> None:
    with pytest.raises(NotThisNetwork, match=lacking):
        config_of({name: shape for name, shape in SHAPES.items() if name != lacking})


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("x_embedder.proj.weight", (1280, 4, 12, 12)),  # a network without person and pose
        ("x_embedder.proj.weight", (1280, 7)),
        ("single_blocks.0.norm.query_norm.scale", (24,)),  # no rotary axes of whole pairs
        ("single_blocks.0.norm.query_norm.scale", (96,)),  # 1280 is not made of them
    ],
)
def test_shapes_that_cannot_be_of_this_network_are_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(NotThisNetwork):
        config_of({**SHAPES, name: shape})


def test_a_picture_that_is_not_made_of_whole_squares_is_refused() -> None:
    with pytest.raises(ValueError, match="squares of 12 px"):
        Config().tokens(864, 577)
