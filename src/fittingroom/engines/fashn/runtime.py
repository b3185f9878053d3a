"""The network of `fashn` on its device: loaded once, one pass at a time, arrays in and arrays out.

Everything that knows PyTorch meets the rest here. Two passes at once would need twice the memory and gain nothing, so
a lock lets one begin when the other has ended. Invariant: memory that ran out is freed and told as `OutOfMemory`, after
which the next pass works; no random state of the process is touched.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from fittingroom.engines.fashn.config import config_of
from fittingroom.engines.fashn.frames import Planes, Prepared
from fittingroom.engines.fashn.sampler import Conditions, Plan, sample
from fittingroom.engines.fashn.weights import load_network, shapes_at
from fittingroom.engines.neural.device import chosen_device, chosen_dtype, require_fit
from fittingroom.engines.neural.memory import released_on_oom
from fittingroom.engines.protocol import Checkpoint, EngineError
from fittingroom.setting_neural import NeuralSettings


class NotOffered(EngineError):
    """The settings ask for what this engine cannot do."""


STEPS, GUIDANCE = 20, 1.5
"""Where the operator names none: the published code's fast setting, and its guidance."""

KERNELS = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "math": SDPBackend.MATH,
}
"""Names of `neural.attention` beside `sdpa`, which leaves the choice to PyTorch."""

LIVE = 24
"""Activations alive at once, in hidden vectors per token: a block's projections, its attention and what is being
added. Estimated from the architecture, not measured."""


WAIT = 0.05
"""Seconds between two questions whether those that wait for the network shall go on."""

EIGHT_BIT = ("8bit", "fp8")
"""Values of `neural.quantize` that this network knows; it is kept in float8 for both."""


class Runtime:
    """The loaded network. file: of weights. size: (height, width) of its frame, px.

    Raises `DoesNotFit`, `NoSuchDevice`, `NotThisNetwork`, `NotOffered`.
    """

    def __init__(self, file: Path, settings: NeuralSettings, size: tuple[int, int]) -> None:
        if settings.quantize not in ("none", *EIGHT_BIT):
            raise NotOffered(f"fashn cannot be kept in {settings.quantize}; neural.quantize may be none, 8bit or fp8")
        self._device = chosen_device(settings)
        dtype = chosen_dtype(settings, self._device)
        eight_bit = settings.quantize in EIGHT_BIT
        need = needed_bytes(file, dtype, size, settings.batch, eight_bit=eight_bit)
        require_fit(need, self._device, "fashn")
        with released_on_oom(self._device):
            network = load_network(file, self._device, dtype, eight_bit=eight_bit)
        if settings.compile:
            network.compile()
        self._network = network
        self._plan = plan_of(settings)
        self._kernel = settings.attention
        self._lock = threading.Lock()

    def make(
        self, jobs: Sequence[Prepared], seeds: Sequence[int], checkpoints: Sequence[Checkpoint]
    ) -> list[Planes | Exception]:
        """One pass: a picture for each job, float32 (3, H, W) in -1..1, or what its checkpoint raised.

        A checkpoint is asked while another pass runs and before every step; the others' pictures are made on without
        the one that raised. Raises `OutOfMemory`.
        """
        answers: list[Planes | Exception | None] = [None] * len(jobs)
        while not self._lock.acquire(timeout=WAIT):
            for at in _waiting(answers):
                answers[at] = _raised(checkpoints[at])
            if not _waiting(answers):
                return _all(answers)
        try:
            left = _waiting(answers)
            conditions = [_conditions(jobs[at]) for at in left]
            with released_on_oom(self._device), self._attention():
                made = sample(
                    self._network, conditions, [seeds[at] for at in left], self._plan, [checkpoints[at] for at in left]
                )
        finally:
            self._lock.release()
        for at, one in zip(left, made, strict=True):
            answers[at] = one if isinstance(one, Exception) else np.asarray(one.numpy(), np.float32)
        return _all(answers)

    def _attention(self) -> AbstractContextManager[None]:
        backend = KERNELS.get(self._kernel)
        return contextlib.nullcontext() if backend is None else sdpa_kernel(backend)


def plan_of(settings: NeuralSettings) -> Plan:
    """How the flow is followed, by the operator's choices."""
    guidance = GUIDANCE if settings.guidance is None else settings.guidance
    return Plan(settings.steps or STEPS, guidance, interval=(settings.guided_from, settings.guided_until))


def _waiting(answers: Sequence[Planes | Exception | None]) -> list[int]:
    return [at for at, answer in enumerate(answers) if answer is None]


def _all(answers: Sequence[Planes | Exception | None]) -> list[Planes | Exception]:
    return [answer for answer in answers if answer is not None]


def _raised(checkpoint: Checkpoint) -> Exception | None:
    try:
        checkpoint()
    except Exception as error:
        return error
    return None


def needed_bytes(file: Path, dtype: torch.dtype, size: tuple[int, int], batch: int, *, eight_bit: bool = False) -> int:
    """Bytes that `batch` pictures take at once with the weights of `file` in `dtype` or in eight bits: an estimate.

    Guidance doubles the batch, and both photos become tokens. Raises `NotThisNetwork`.
    """
    shapes = shapes_at(file)
    config = config_of(shapes)
    weights = sum(math.prod(shape) for shape in shapes.values()) * (1 if eight_bit else dtype.itemsize)
    live = 2 * batch * LIVE * 2 * config.tokens(*size) * config.hidden
    return int(weights + live * dtype.itemsize)


def _conditions(job: Prepared) -> Conditions:
    arrays = (job.person, job.person_pose, job.garment, job.garment_pose)
    person, person_pose, garment, garment_pose = (torch.from_numpy(array) for array in arrays)
    return Conditions(person, person_pose, garment, garment_pose, job.category)
