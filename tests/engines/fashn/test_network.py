"""The network has the published names, shapes and count; its picture is put together from the right squares."""

import pytest

torch = pytest.importorskip("torch")

from neural_tiny_fashn import SIZE, TINY, tiny_weights  # noqa: E402

from fittingroom.engines.fashn.config import Config  # noqa: E402
from fittingroom.engines.fashn.embed import picture, sinusoids  # noqa: E402
from fittingroom.engines.fashn.network import Network  # noqa: E402
from fittingroom.engines.fashn.rotary import angles, turned  # noqa: E402
from fittingroom.engines.fashn.weights import shapes_of  # noqa: E402

pytestmark = pytest.mark.neural


def linear(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def norms(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.query_norm.scale": (128,), f"{name}.key_norm.scale": (128,)}


def single(name: str) -> dict[str, tuple[int, ...]]:
    maps = linear(f"{name}.linear1", 8960, 1280) | linear(f"{name}.linear2", 1280, 6400)
    return maps | norms(f"{name}.norm") | linear(f"{name}.modulation.lin", 3840, 1280)


def stream(name: str) -> dict[str, tuple[int, ...]]:
    maps = linear(f"{name}_mod.lin", 7680, 1280) | linear(f"{name}_attn.qkv", 3840, 1280)
    maps |= norms(f"{name}_attn.norm") | linear(f"{name}_attn.proj", 1280, 1280)
    return maps | linear(f"{name}_mlp.0", 5120, 1280) | linear(f"{name}_mlp.2", 1280, 5120)


def published() -> dict[str, tuple[int, ...]]:
    """Names and shapes of the published class, src/fashn_vton/tryon_mmdit.py of fashn-AI/fashn-vton-1.5 at 7c0f10a."""
    shapes = linear("t_embedder.mlp.in_layer", 1280, 256) | linear("t_embedder.mlp.out_layer", 1280, 1280)
    shapes |= {"y_embedder.weight": (4, 1280), "patch_mixer_token": (1, 1, 432)}
    shapes |= {"x_embedder.proj.weight": (1280, 7, 12, 12), "x_embedder.proj.bias": (1280,)}
    shapes |= {"garment_embedder.proj.weight": (1280, 4, 12, 12), "garment_embedder.proj.bias": (1280,)}
    for k in range(4):
        shapes |= single(f"x_patch_mixer.{k}")
    for k in range(8):
        shapes |= stream(f"double_blocks.{k}.img") | stream(f"double_blocks.{k}.txt")
    for k in range(16):
        shapes |= single(f"single_blocks.{k}")
    return shapes | linear("final_layer.linear", 432, 1280) | linear("final_layer.adaLN_modulation.1", 2560, 1280)


def test_names_shapes_and_count_are_the_published_ones() -> None:
    with torch.device("meta"):
        network = Network(Config())
    assert shapes_of(network) == published()
    assert len(published()) == 366
    assert sum(one.numel() for one in network.parameters()) == 971_813_808


def tiny() -> Network:
    network = Network(TINY)
    network.load_state_dict(tiny_weights(), strict=True)
    return network.eval()


def told(batch: int = 2) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    planes = [torch.rand((batch, k, *SIZE), generator=random) * 2 - 1 for k in (7, 4)]
    return [*planes, torch.linspace(0.1, 0.9, batch), torch.arange(batch) % 4]


@torch.inference_mode()
def test_pictures_of_one_batch_do_not_see_one_another() -> None:
    network, (person, garment, time, category) = tiny(), told(3)
    turns = network.angles(*SIZE)
    together = network(person, garment, time, category, turns)
    alone = [network(*(of[k : k + 1] for of in (person, garment, time, category)), turns) for k in range(3)]
    assert together.shape == (3, 3, *SIZE)
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


@pytest.mark.parametrize("which", range(4))
@torch.inference_mode()
def test_the_picture_depends_on_all_that_is_told(which: int) -> None:
    network, inputs = tiny(), told(1)
    turns = network.angles(*SIZE)
    before = network(*inputs, turns)
    inputs[which] = inputs[which] + 1 if which == 3 else inputs[which] * 0.5
    assert not torch.allclose(before, network(*inputs, turns), atol=1e-3)


def test_a_turn_keeps_lengths_and_tells_distances_alone() -> None:
    cosines, sines = angles(4, 5, (4, 14, 14))
    x, y = torch.randn(1, 32).expand(20, -1), torch.randn(1, 32).expand(20, -1)
    q, k = turned(x, cosines, sines), turned(y, cosines, sines)
    assert torch.allclose(q.norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    # One row down and two columns right of each other: 7 from 0, and 19 from 12.
    assert torch.allclose((q[0] * k[7]).sum(), (q[12] * k[19]).sum(), atol=1e-4)
    assert not torch.allclose((q[0] * k[7]).sum(), (q[0] * k[8]).sum(), atol=1e-3)


def test_squares_become_a_picture_row_by_row() -> None:
    whole = torch.arange(3 * 4 * 6).reshape(1, 3, 4, 6)
    tokens = torch.stack(
        [whole[0, :, r * 2 : r * 2 + 2, c * 2 : c * 2 + 2].flatten() for r in range(2) for c in range(3)]
    )
    assert torch.equal(picture(tokens[None], 2, 3, 2), whole)


def test_times_that_bfloat16_cannot_tell_apart_stay_two() -> None:
    near = torch.tensor([0.8985, 0.8995])
    assert near[0].bfloat16() == near[1].bfloat16()
    first, second = sinusoids(near, 256)
    assert (first - second).abs().max() > 0.3
