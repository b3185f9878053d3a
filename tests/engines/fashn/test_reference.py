"""The network and the sampler against the published architecture, written a second time with plain functions.

Nothing of `fittingroom.engines.fashn` takes part in the expected numbers: patches are cut by hand, tokens are turned as
complex numbers, attention is a softmax written out, and the picture is put together square by square. Facts: FASHN VTON
v1.5, src/fashn_vton/tryon_mmdit.py, pipeline.py and utils/sampling.py at 7c0f10a. The published module itself was run
once beside the network, with the same tiny weights: 2.3e-6 apart at most, over both halves of guidance.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from neural_tiny_fashn import SIZE, TINY, save_tiny, tiny_weights  # noqa: E402

from fittingroom.engines.fashn.config import Config  # noqa: E402
from fittingroom.engines.fashn.network import Network  # noqa: E402
from fittingroom.engines.fashn.sampler import Conditions, Plan, sample  # noqa: E402
from fittingroom.engines.fashn.weights import load_network  # noqa: E402
from fittingroom.engines.protocol import never_cancelled  # noqa: E402

pytestmark = pytest.mark.neural

HEADS, PATCH, TIMES = 2, 32, 32
AXES = (4, 14, 14)
ROWS, COLUMNS = SIZE[0] // PATCH, SIZE[1] // PATCH
CLOSE = 5e-5
"""The time's sinusoids turn by up to 770 rad, of which float32 keeps 5e-5; the published module itself is 2.3e-5 away
from these functions in float64, with velocities up to 4.9."""


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return load_network(save_tiny(tmp_path / "model.safetensors"), torch.device("cpu"), torch.float32)


def _affine(w: dict[str, Any], name: str, x: Any) -> Any:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _silu(x: Any) -> Any:
    return x / (1 + torch.exp(-x))


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _normed(x: Any, shift: Any, scale: Any) -> Any:
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt() * (1 + scale) + shift


def _modulation(w: dict[str, Any], name: str, vector: Any, parts: int) -> list[Any]:
    out = _affine(w, name, _silu(vector))
    width = out.shape[-1] // parts
    return [out[:, None, k * width : (k + 1) * width] for k in range(parts)]


def _phases() -> Any:
    """complex (tokens, head / 2): each axis has its own pairs, of frequencies 10000^(-2 k / width of the axis)."""
    rows = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            turns = [
                position * 10_000.0 ** (-2 * k / width)
                for position, width in zip((0, row, column), AXES, strict=True)
                for k in range(width // 2)
            ]
            rows.append(turns)
    turns = torch.tensor(rows, dtype=torch.float64)
    return torch.polar(torch.ones_like(turns), turns)


def _heads(w: dict[str, Any], name: str, qkv: Any, phases: Any) -> list[Any]:
    """Queries and keys, normed and turned, and values: each (batch, heads, tokens, head)."""
    batch, tokens, width = qkv.shape
    wide = width // 3
    out = []
    for k, norm in enumerate(("query_norm", "key_norm", None)):
        part = qkv[..., k * wide : (k + 1) * wide].reshape(batch, tokens, HEADS, wide // HEADS).transpose(1, 2)
        if norm is not None:
            part = part / (part.square().mean(-1, keepdim=True) + 1e-6).sqrt() * w[f"{name}.{norm}.scale"]
            pairs = torch.view_as_complex(part.double().reshape(*part.shape[:-1], -1, 2).contiguous())
            part = torch.view_as_real(pairs * phases).flatten(-2).to(qkv.dtype)
        out.append(part)
    return out


def _attention(q: Any, k: Any, v: Any) -> Any:
    weights = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
    seen = weights @ v
    return torch.cat([seen[:, head] for head in range(HEADS)], dim=-1)


def _single(w: dict[str, Any], name: str, x: Any, vector: Any, phases: Any) -> Any:
    shift, scale, gate = _modulation(w, f"{name}.modulation.lin", vector, 3)
    both = _affine(w, f"{name}.linear1", _normed(x, shift, scale))
    hidden = x.shape[-1]
    seen = _attention(*_heads(w, f"{name}.norm", both[..., : 3 * hidden], phases))
    return x + gate * _affine(w, f"{name}.linear2", torch.cat((seen, _gelu(both[..., 3 * hidden :])), dim=-1))


def _double(w: dict[str, Any], name: str, img: Any, txt: Any, vector: Any, phases: Any) -> tuple[Any, Any]:
    streams = {"txt": txt, "img": img}
    mods = {s: _modulation(w, f"{name}.{s}_mod.lin", vector, 6) for s in streams}
    parts = {
        s: _heads(w, f"{name}.{s}_attn.norm", _affine(w, f"{name}.{s}_attn.qkv", _normed(x, *mods[s][:2])), phases)
        for s, x in streams.items()
    }
    seen = _attention(*(torch.cat((parts["txt"][k], parts["img"][k]), dim=2) for k in range(3)))
    shares = {"txt": seen[:, : txt.shape[1]], "img": seen[:, txt.shape[1] :]}
    for s, share in shares.items():
        x = streams[s] + mods[s][2] * _affine(w, f"{name}.{s}_attn.proj", share)
        wide = _gelu(_affine(w, f"{name}.{s}_mlp.0", _normed(x, mods[s][3], mods[s][4])))
        streams[s] = x + mods[s][5] * _affine(w, f"{name}.{s}_mlp.2", wide)
    return streams["img"], streams["txt"]


def _squares(w: dict[str, Any], name: str, picture: Any) -> Any:
    flat = w[f"{name}.proj.weight"].flatten(1)
    tokens = [
        picture[:, :, r * PATCH : (r + 1) * PATCH, c * PATCH : (c + 1) * PATCH].flatten(1) @ flat.T
        for r in range(ROWS)
        for c in range(COLUMNS)
    ]
    return torch.stack(tokens, dim=1) + w[f"{name}.proj.bias"]


def _vector(w: dict[str, Any], time: Any, category: Any) -> Any:
    frequencies = torch.tensor([10_000.0 ** (-2 * k / TIMES) for k in range(TIMES // 2)], dtype=time.dtype)
    turns = 1000.0 * time[:, None] * frequencies
    waves = torch.cat((torch.cos(turns), torch.sin(turns)), dim=-1)
    of_time = _affine(w, "t_embedder.mlp.out_layer", _silu(_affine(w, "t_embedder.mlp.in_layer", waves)))
    return of_time + w["y_embedder.weight"][category]


def published(w: dict[str, Any], person: Any, garment: Any, time: Any, category: Any) -> Any:
    """The velocity. person: (batch, 7, H, W): noisy picture, person, pose. garment: (batch, 4, H, W). TINY's sizes."""
    vector, phases = _vector(w, time, category), _phases()
    img, txt = _squares(w, "x_embedder", person), _squares(w, "garment_embedder", garment)
    img = _single(w, "x_patch_mixer.0", img, vector, phases)
    for k in range(2):
        img, txt = _double(w, f"double_blocks.{k}", img, txt, vector, phases)
    both = torch.cat((txt, img), dim=1)
    for k in range(2):
        both = _single(w, f"single_blocks.{k}", both, vector, torch.cat((phases, phases)))
    shift, scale = _modulation(w, "final_layer.adaLN_modulation.1", vector, 2)
    tokens = _affine(w, "final_layer.linear", _normed(both[:, txt.shape[1] :], shift, scale))
    out = torch.empty(len(person), 3, *SIZE, dtype=person.dtype)
    for at in range(ROWS * COLUMNS):
        r, c = divmod(at, COLUMNS)
        square = tokens[:, at].reshape(-1, 3, PATCH, PATCH)
        out[:, :, r * PATCH : (r + 1) * PATCH, c * PATCH : (c + 1) * PATCH] = square
    return out


def _inputs(seed: int = 3) -> tuple[Any, Any, Any, Any]:
    random = torch.Generator("cpu").manual_seed(seed)
    person = torch.randn(2, 7, *SIZE, generator=random)
    garment = torch.randn(2, 4, *SIZE, generator=random)
    return person, garment, torch.tensor([0.13, 0.77]), torch.tensor([1, 3])


def test_the_velocity_is_that_of_the_published_architecture(network: Network) -> None:
    person, garment, time, category = _inputs()
    expected = published(tiny_weights(), person, garment, time, category)
    with torch.inference_mode():
        made = network(person, garment, time, category, network.angles(*SIZE))
    assert float(expected.abs().mean()) > 0.1
    assert float((made - expected).abs().max()) < CLOSE


@pytest.mark.parametrize("plan", [Plan(steps=5), Plan(steps=3, guidance=1.0), Plan(steps=4, shift=0.0, unguided=0)])
def test_the_picture_is_that_of_the_published_loop(network: Network, plan: Plan) -> None:
    weights = tiny_weights()
    random = torch.Generator("cpu").manual_seed(8)
    told = Conditions(
        *(torch.rand((channels, *SIZE), generator=random) * 2 - 1 for channels in (3, 1, 3, 1)), category=2
    )
    x = torch.randn((3, *SIZE), generator=torch.Generator("cpu").manual_seed(41))[None]
    person, garment = (
        torch.cat((told.person, told.person_pose))[None],
        torch.cat((told.garment, told.garment_pose))[None],
    )
    times = [_shifted(k / plan.steps, plan.shift) for k in range(plan.steps + 1)]
    for step in range(plan.steps):
        now = torch.tensor([times[step]])
        with_it = published(weights, torch.cat((x, person), dim=1), garment, now, torch.tensor([2]))
        velocity = with_it
        if step < plan.steps - plan.unguided:
            nothing = torch.cat((x, torch.zeros_like(person)), dim=1)
            without = published(weights, nothing, torch.zeros_like(garment), now, torch.tensor([0]))
            velocity = without + plan.guidance * (with_it - without)
        x = x + (times[step + 1] - times[step]) * velocity
    (made,) = sample(network, [told], [41], plan, [never_cancelled])
    assert isinstance(made, torch.Tensor)
    assert float(x.std()) > 0.1
    assert float((made - x[0].clamp(-1, 1)).abs().max()) < CLOSE


def _shifted(t: float, mu: float) -> float:
    return 0.0 if t == 0.0 else math.exp(-mu) / (math.exp(-mu) + 1 / t - 1)


def test_times_of_the_published_schedule() -> None:
    assert Plan(steps=4).times() == pytest.approx((0.0, 0.0692278, 0.1824255, 0.400979, 1.0), abs=1e-6)


def test_the_full_network_has_the_published_tensors() -> None:
    with torch.device("meta"):
        network = Network(Config())
    found = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert found == _published_shapes()
    assert len(found) == 366
    assert sum(parameter.numel() for parameter in network.parameters()) == 971_813_808


def _published_shapes() -> dict[str, tuple[int, ...]]:
    shapes = {
        "patch_mixer_token": (1, 1, 432),
        "y_embedder.weight": (4, 1280),
        "x_embedder.proj.weight": (1280, 7, 12, 12),
        "x_embedder.proj.bias": (1280,),
        "garment_embedder.proj.weight": (1280, 4, 12, 12),
        "garment_embedder.proj.bias": (1280,),
    }
    linears = {
        "t_embedder.mlp.in_layer": (1280, 256),
        "t_embedder.mlp.out_layer": (1280, 1280),
        "final_layer.linear": (432, 1280),
        "final_layer.adaLN_modulation.1": (2560, 1280),
    }
    norms = []
    for block in [f"x_patch_mixer.{k}" for k in range(4)] + [f"single_blocks.{k}" for k in range(16)]:
        linears |= {
            f"{block}.linear1": (8960, 1280),
            f"{block}.linear2": (1280, 6400),
            f"{block}.modulation.lin": (3840, 1280),
        }
        norms.append(f"{block}.norm")
    for stream in [f"double_blocks.{k}.{s}" for k in range(8) for s in ("img", "txt")]:
        linears |= {
            f"{stream}_mod.lin": (7680, 1280),
            f"{stream}_attn.qkv": (3840, 1280),
            f"{stream}_attn.proj": (1280, 1280),
            f"{stream}_mlp.0": (5120, 1280),
            f"{stream}_mlp.2": (1280, 5120),
        }
        norms.append(f"{stream}_attn.norm")
    for name, (rows, columns) in linears.items():
        shapes |= {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}
    return shapes | {f"{name}.{part}_norm.scale": (128,) for name in norms for part in ("query", "key")}


def test_the_tiny_network_has_the_sizes_that_this_file_computes_with() -> None:
    assert (TINY.heads, TINY.patch, TINY.times, TINY.axes) == (HEADS, PATCH, TIMES, AXES)
    assert (TINY.mixers, TINY.doubles, TINY.singles) == (1, 2, 2)
