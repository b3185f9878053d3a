"""Settings of the neural engines (`fashn`, `flux2-klein`, `qwen-edit`): where they compute, how exactly, how often.

An engine takes from them what it understands; each has a default that serves without a thought. Invariant: as of all
settings, see `settings`; nothing here imports a neural runtime, so that the gateway can read them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from fittingroom.setting_types import Count, Section


def _number(value: object) -> object:
    """Digits of the environment as the number they are, since a Literal compares without converting."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


class NeuralSettings(Section):
    """How the neural engines compute; `drape` takes no notice of it."""

    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|cuda(:[0-9]{1,2})?)$",
        description="`auto` (the first CUDA device, else the CPU), `cpu`, `cuda`, or one card as `cuda:1`.",
    )
    dtype: Literal["auto", "bf16", "fp16", "fp32"] = Field(
        default="auto", description="Numbers of the networks; auto: bf16 on CUDA, fp32 on the CPU."
    )
    steps: Count | None = Field(default=None, description="Steps of sampling; default: the engine's own.")
    guidance: Annotated[float, Field(ge=0, le=20)] | None = Field(
        default=None, description="Weight of guidance; default: the engine's own."
    )
    guided_from: float = Field(
        default=0.0, ge=0, le=1, description="Guidance only from this time of the flow on (0: noise); only `fashn`."
    )
    guided_until: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Guidance only up to this time of the flow (1: picture); a step without it costs half; only "
        "`fashn`.",
    )
    compile: bool = Field(default=False, description="Compile the network (`torch.compile`): minutes at the start.")
    attention: Literal["sdpa", "flash", "efficient", "cudnn", "math"] = Field(
        default="sdpa", description="Kernel of attention; sdpa: PyTorch chooses among the others."
    )
    offload: Literal["auto", "none", "model", "sequential"] = Field(
        default="auto",
        description="What waits in the machine's memory until it is needed: none, whole networks (`model`), or layers "
        "(`sequential`, slowest, least memory of the card); auto: as the card's free memory asks.",
    )
    quantize: Literal["none", "8bit", "4bit", "fp8"] = Field(
        default="none", description="Numbers in which the networks are kept, for cards with less memory."
    )
    attempts: Count = Field(
        default=2, description="Seeds that are tried at most while the picture fails the engine's own check."
    )
    batch: Count = Field(default=1, description="Jobs in one pass of the network at most.")
    window_ms: int = Field(
        default=15, ge=0, le=1000, description="Milliseconds that a job waits for company; only with `neural.batch`."
    )
    lightning: Annotated[Literal[0, 4, 8], BeforeValidator(_number)] = Field(
        default=4, description="Steps of the Lightning weights of `qwen-edit`, 4 or 8; 0 does without them."
    )
    person_margin: float = Field(
        default=0.15,
        ge=0,
        le=1,
        description="Room that is left around the person when the photo is cut, in parts of the person's own size.",
    )
    allow_noncommercial: bool = Field(
        default=False, description="Use weights although their licence is not known to allow commercial use."
    )
