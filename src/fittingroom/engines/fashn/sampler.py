"""From noise to pictures: a rectified flow, followed in plain steps, several pictures in one pass.

The flow runs from noise at time 0 to the picture at time 1; times are a linear grid pulled towards the noise. Where
guidance is on, a picture is in the pass twice, with and without its conditions, and the step goes beyond their
difference; the last step is never guided, which would make colours too strong, and an interval may leave out others,
each of which then costs half. Formulas: Liu et al. 2022 (rectified flow), Ho and Salimans 2022 (guidance), Kynkäänniemi
et al. 2024 (its interval); constants: FASHN VTON v1.5. Invariant: noise comes from a generator of its own on the CPU,
so that a seed gives the same noise on every device, whatever else is in the pass; no random state of the process is
touched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fittingroom.engines.fashn.blocks import Angles
from fittingroom.engines.fashn.config import COLOURS
from fittingroom.engines.fashn.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """What the network is told of one picture: float32 on the CPU, -1..1, all of one H and W.

    person, garment: (3, H, W). person_pose, garment_pose: (1, H, W). category: 1 or more.
    """

    person: Tensor
    person_pose: Tensor
    garment: Tensor
    garment_pose: Tensor
    category: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the flow is followed.

    steps: of Euler's method. guidance: weight; 1 is none. shift: mu of the grid's shift; 0 is a linear grid. interval:
    guided are the steps that begin at times within it. unguided: the last steps that are never guided.
    """

    steps: int = 30
    guidance: float = 1.5
    shift: float = 1.5
    interval: tuple[float, float] = (0.0, 1.0)
    unguided: int = 1

    def times(self) -> tuple[float, ...]:
        """steps + 1 times from 0, noise, to 1, picture: s / (s + 1 / t - 1) for a linear t, s = exp(-shift)."""
        scale = math.exp(-self.shift)
        linear = (k / self.steps for k in range(self.steps + 1))
        return tuple(scale / (scale + 1.0 / t - 1.0) if t else 0.0 for t in linear)

    def guided(self) -> tuple[bool, ...]:
        """Of each step, whether it is guided."""
        first, last = self.interval
        return tuple(
            self.guidance != 1.0 and k < self.steps - self.unguided and first <= time <= last
            for k, time in enumerate(self.times()[:-1])
        )

    @property
    def passes(self) -> int:
        """How often the network sees one picture."""
        return self.steps + sum(self.guided())


@dataclass
class _Row:
    """One picture of the pass. number: its place among the asked."""

    number: int
    checkpoint: Callable[[], None]


def sample(
    network: Network,
    conditions: Sequence[Conditions],
    seeds: Sequence[int],
    plan: Plan,
    checkpoints: Sequence[Callable[[], None]],
) -> list[Tensor | Exception]:
    """A picture for each of `conditions`, float32 (3, H, W) in -1..1 on the CPU, or what its checkpoint raised.

    network: compiled or not; computes where and in what its weights are. checkpoints: asked before every step; one that
    raises takes its picture out of the pass, and the others go on.
    """
    answers: list[Tensor | Exception] = [RuntimeError("not made yet")] * len(conditions)
    rows = [_Row(k, ask) for k, (_, ask) in enumerate(zip(conditions, checkpoints, strict=True))]
    weight = network.x_embedder.proj.weight
    height, width = conditions[0].person.shape[1:]
    angles = network.angles(height, width, weight.device)
    state = torch.stack([noise(seed, height, width) for seed in seeds]).to(weight.device)
    told = _Told.of(conditions, weight.device, weight.dtype)
    times = plan.times()
    with torch.inference_mode():
        for k, guided in enumerate(plan.guided()):
            left = _asked(rows, answers)
            if not left:
                return answers
            if len(left) < len(rows):
                rows, state, told = [rows[at] for at in left], state[left], told.only(left)
            guidance = plan.guidance if guided else 1.0
            state = state + (times[k + 1] - times[k]) * _velocity(network, angles, state, told, times[k], guidance)
    for row, made in zip(rows, state.clamp(-1.0, 1.0).cpu(), strict=True):
        answers[row.number] = made
    return answers


def noise(seed: int, height: int, width: int) -> Tensor:
    """Noise of a seed, any integer, for a picture of that size: float32 (3, H, W) on the CPU."""
    generator = torch.Generator("cpu").manual_seed(seed % 2**63)
    return torch.randn((COLOURS, height, width), generator=generator, dtype=torch.float32)


@dataclass(frozen=True, slots=True)
class _Told:
    """Conditions of a pass. person: (batch, 4, H, W); garment: (batch, 4, H, W); category: int64 (batch,)."""

    person: Tensor
    garment: Tensor
    category: Tensor

    @classmethod
    def of(cls, conditions: Sequence[Conditions], device: torch.device, dtype: torch.dtype) -> _Told:
        person = torch.stack([torch.cat((one.person, one.person_pose)) for one in conditions])
        garment = torch.stack([torch.cat((one.garment, one.garment_pose)) for one in conditions])
        categories = torch.tensor([one.category for one in conditions], device=device)
        return cls(person.to(device, dtype), garment.to(device, dtype), categories)

    def only(self, rows: list[int]) -> _Told:
        return _Told(self.person[rows], self.garment[rows], self.category[rows])

    def and_none(self) -> _Told:
        """The same, then as many without any condition: zeros, and the category of none."""
        halves = ((of, torch.zeros_like(of)) for of in (self.person, self.garment, self.category))
        return _Told(*(torch.cat(half) for half in halves))


def _velocity(network: Network, angles: Angles, state: Tensor, told: _Told, time: float, guidance: float) -> Tensor:
    """float32 (batch, 3, H, W), on the device of `state`."""
    if guidance == 1.0:
        return _passed(network, angles, state, told, time)
    both = _passed(network, angles, torch.cat((state, state)), told.and_none(), time)
    told_so, untold = both.chunk(2)
    return untold + guidance * (told_so - untold)


def _passed(network: Network, angles: Angles, state: Tensor, told: _Told, time: float) -> Tensor:
    person = torch.cat((state.to(told.person.dtype), told.person), dim=1)
    times = torch.full((len(state),), time, dtype=torch.float32, device=state.device)
    return network(person, told.garment, times, told.category, angles).float()


def _asked(rows: Sequence[_Row], answers: list[Tensor | Exception]) -> list[int]:
    """Places, among `rows`, of those whose checkpoint lets them go on; the others get their answer."""
    going = []
    for at, row in enumerate(rows):
        try:
            row.checkpoint()
        except Exception as error:
            answers[row.number] = error
        else:
            going.append(at)
    return going
