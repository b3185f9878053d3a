"""A checkpoint goes into the network whole or is refused by the name of what is wrong."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from neural_tiny_fashn import SIZE, TINY, save_tiny, tiny_weights  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from fittingroom.engines.fashn.blocks import DoubleBlock  # noqa: E402
from fittingroom.engines.fashn.config import NotThisNetwork  # noqa: E402
from fittingroom.engines.fashn.network import Network  # noqa: E402
from fittingroom.engines.fashn.weights import EightBitLinear, load_network, shapes_at  # noqa: E402

pytestmark = pytest.mark.neural

CPU = torch.device("cpu")


def load(path: Path, dtype: torch.dtype = torch.float32, **how: bool) -> Network:
    return load_network(path, CPU, dtype, **how)


def test_every_tensor_of_the_file_is_in_the_network(tmp_path: Path) -> None:
    network = load(save_tiny(tmp_path / "model.safetensors"))
    weights = tiny_weights()
    loaded = network.state_dict()
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)
    assert network.config == TINY
    assert not network.training
    assert not any(one.requires_grad for one in network.parameters())


def test_the_dtype_is_the_asked_whatever_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: one.bfloat16() for name, one in tiny_weights().items()}, path)
    assert {one.dtype for one in load(path).state_dict().values()} == {torch.float32}
    assert {one.dtype for one in load(path, torch.bfloat16).state_dict().values()} == {torch.bfloat16}


@pytest.mark.parametrize("lacking", ["double_blocks.1.txt_attn.proj.bias", "patch_mixer_token"])
def test_a_file_that_lacks_a_tensor_is_refused(tmp_path: Path, lacking: str) -> None:
    save_file({name: one for name, one in tiny_weights().items() if name != lacking}, tmp_path / "m")
    with pytest.raises(NotThisNetwork, match=f"m lacks {lacking}$"):
        load(tmp_path / "m")


def test_a_file_that_has_more_is_refused(tmp_path: Path) -> None:
    save_file({**tiny_weights(), "guidance_embedder.a": torch.ones(1), "z": torch.ones(1)}, tmp_path / "m")
    with pytest.raises(NotThisNetwork, match=r"guidance_embedder\.a and 1 more"):
        load(tmp_path / "m")


def test_a_tensor_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_file({**tiny_weights(), "final_layer.linear.bias": torch.ones(5)}, tmp_path / "m")
    with pytest.raises(NotThisNetwork, match=r"of another shape final_layer\.linear\.bias"):
        load(tmp_path / "m")


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"no such thing" * 9)
    with pytest.raises(NotThisNetwork, match="m cannot be read"):
        load(tmp_path / "m")
    with pytest.raises(NotThisNetwork, match="gone cannot be read"):
        shapes_at(tmp_path / "gone")


@torch.inference_mode()
def test_eight_bits_halve_the_blocks_and_move_the_picture_little(tmp_path: Path) -> None:
    path = save_tiny(tmp_path / "m")
    full, eight = load(path), load(path, eight_bit=True)
    linear = full.double_blocks[0].img_attn.qkv.weight
    kept = eight.double_blocks[0].img_attn.qkv
    assert isinstance(kept, EightBitLinear)
    assert kept.eight.element_size() == 1
    # e4m3 has three bits behind the point: a sixteenth of a number is the most that rounding moves it.
    assert ((kept.eight.float() * kept.scale - linear).abs() <= linear.abs() / 16 + kept.scale / 512).all()
    left = [part for part in eight.modules() if isinstance(part, torch.nn.Linear)]
    assert not any(isinstance(part, torch.nn.Linear) for block in eight.double_blocks for part in block.modules())
    assert left  # the ends stay exact
    assert isinstance(full.double_blocks[0], DoubleBlock)
    random = torch.Generator().manual_seed(1)
    inputs = [torch.rand((1, k, *SIZE), generator=random) for k in (7, 4)]
    inputs += [torch.tensor([0.5]), torch.tensor([1])]
    made = [network(*inputs, network.angles(*SIZE)) for network in (full, eight)]
    assert 0 < (made[0] - made[1]).abs().mean() < 0.1 * made[0].std()
