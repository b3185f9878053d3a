"""Seconds and memory of the neural engines' networks on a card: `make bench-gpu`.

Full-size networks with random numbers, eager and compiled, 1 to 8 pictures in a pass, each with its share of the
card's measured matrix-product peak. `--write` puts the table into docs/performance.md. Without a CUDA device it ends
with one line and the exit code 2; `--tiny` runs the same code with tiny networks on the CPU, in seconds, whose figures
mean nothing.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- bench/gpu.py: begin -->", "<!-- bench/gpu.py: end -->"
NO_DEVICE = 2
NAMES = ("fashn", "flux2-klein", "qwen-edit")
HEAD = (
    "| network | how | pictures in a pass | s a picture | s a step, whole pass | peak GB | TFLOP a picture "
    "| share of peak, step |\n|---|---|---|---|---|---|---|---|"
)
PEAK_SIDES, TINY_SIDES = (4096, 8192, 16384), (128,)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and write where asked to."""
    options = _options(words)
    try:
        torch: Any = importlib.import_module("torch")
    except ModuleNotFoundError:
        print('PyTorch is missing: pip install "fittingroom[neural]"', file=sys.stderr)
        return NO_DEVICE
    if not options.tiny and not torch.cuda.is_available():
        print(f"No CUDA device: PyTorch {torch.__version__} finds none, so nothing was measured.", file=sys.stderr)
        return NO_DEVICE
    device = torch.device("cpu") if options.tiny else torch.device("cuda", options.card)
    lines = list(_measured(device, options))
    if options.write is not None:
        write(options.write, "\n".join(lines))
    return 0


def write(page: Path, text: str) -> None:
    """Replace what stands between the two marks of `page`. Raises ValueError where they are missing."""
    before, found, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"{page} has no place for the table: {BEGIN} ... {END}")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8], help="pictures in a pass")
    parser.add_argument("--card", type=int, default=0, help="index of the CUDA device")
    parser.add_argument("--eager-only", action="store_true", help="without the compiled networks, which take minutes")
    parser.add_argument("--write", type=Path, nargs="?", const=PAGE, help="put the table into this page")
    parser.add_argument("--tiny", action="store_true", help="tiny networks on the CPU: only a look at the bench itself")
    return parser.parse_args(words)


def _measured(device: Any, options: argparse.Namespace) -> Iterator[str]:
    """The lines of the report, printed as they come."""
    for line in _lines(device, options):
        print(line, flush=True)
        yield line


def _lines(device: Any, options: argparse.Namespace) -> Iterator[str]:
    import torch
    from gpu_meter import peak

    dtype = torch.float32 if options.tiny else torch.bfloat16
    card = "the CPU, tiny networks" if options.tiny else torch.cuda.get_device_name(device)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "diffusers", "transformers"))
    today = datetime.now(UTC).date().isoformat()
    best = peak(device, dtype, TINY_SIDES if options.tiny else PEAK_SIDES, 0.05 if options.tiny else 2.0)
    kind = str(dtype).removeprefix("torch.")
    yield f"{card}, {today}; {versions}, {kind}. Measured peak of a matrix product: {best / 1e12:.1f} TFLOP/s.\n"
    yield HEAD
    for name in options.networks:
        yield from _rows(name, device, dtype, best, options)


def _rows(name: str, device: Any, dtype: Any, best: float, options: argparse.Namespace) -> Iterator[str]:
    import torch
    from gpu_meter import Work, timed, work
    from gpu_networks import NETWORKS

    try:
        subject = NETWORKS[name](device, dtype, tiny=options.tiny)
    except torch.OutOfMemoryError:
        yield f"| {name} | – | – | does not fit | | | | |"
        return
    counted: Work = work(subject.run)
    for how in ("eager",) if options.eager_only else ("eager", "compiled"):
        if how == "compiled":
            subject.compile()
        for batch in options.batches:
            start = f"| {name} | {how} | {batch} |"
            try:
                took = timed(subject.run, batch, device)
            except torch.OutOfMemoryError:
                yield f"{start} out of memory | | | | |"
                break
            finally:
                gc.collect()
                if device.type == "cuda":
                    torch.cuda.empty_cache()
            share = 100 * counted.step * batch / took.step / best
            memory = "–" if took.memory is None else f"{took.memory / 1e9:.1f}"
            seconds = f"{took.picture / batch:.3f} | {took.step:.3f} | {memory}"
            yield f"{start} {seconds} | {counted.picture / 1e12:.3g} | {share:.0f} % |"


if __name__ == "__main__":
    sys.exit(main())
