"""Embeddings of prompts: computed once by the text encoder, kept in memory and in the weights' folder.

The prompts are few and fixed, and the text encoder is half of the whole (8 of 16 GB): with the embeddings at hand it is
never loaded, and where one is missing it is loaded, asked and dropped. A file's name is the sha256 of all that the
embedding depends on: the prompt, the numbers' type, and the set's own record of its files and their hashes. Invariant:
what comes back is what the encoder of these very weights gave; a file that cannot be read is made anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from fittingroom.models.sets import RECORD

log = structlog.get_logger(__name__)

FOLDER = "embeddings"
FORMAT = b"1"
ENTRY = "prompt_embeds"

Encode = Callable[[Sequence[str]], list[torch.Tensor]]
"""Prompts to embeddings (1, length, width)."""


class Embeddings:
    """Of one set of weights. folder: of the set. dtype: of the embeddings. encode: loads the encoder, asks, drops."""

    def __init__(self, folder: Path, dtype: torch.dtype, encode: Encode) -> None:
        self._place = folder.parent / FOLDER / folder.name
        self._weights = hashlib.sha256((folder / RECORD).read_bytes()).digest()
        self._dtype = dtype
        self._encode = encode
        self._known: dict[str, torch.Tensor] = {}

    def of(self, prompts: Sequence[str]) -> list[torch.Tensor]:
        """The embeddings of `prompts`, (1, length, width) on the CPU, in their order."""
        for prompt in prompts:
            if prompt not in self._known and (kept := self._read(prompt)) is not None:
                self._known[prompt] = kept
        missing = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        if missing:
            for prompt, made in zip(missing, self._encode(missing), strict=True):
                self._known[prompt] = made.detach().to("cpu", self._dtype).clone()
                self._write(prompt, self._known[prompt])
        return [self._known[prompt] for prompt in prompts]

    def file_of(self, prompt: str) -> Path:
        """Where the embedding of `prompt` is kept."""
        about = (FORMAT, self._weights, str(self._dtype).encode(), prompt.encode())
        name = hashlib.sha256(b"\0".join(about)).hexdigest()
        return self._place / f"{name}.safetensors"

    def _read(self, prompt: str) -> torch.Tensor | None:
        path = self.file_of(prompt)
        if not path.exists():
            return None
        try:
            kept = load_file(path)[ENTRY]
        except (SafetensorError, KeyError, OSError) as error:
            log.warning("embedding_unreadable", file=path.name, error=str(error))
            return None
        return kept if kept.dtype == self._dtype and bool(torch.isfinite(kept).all()) else None

    def _write(self, prompt: str, embedding: torch.Tensor) -> None:
        path = self.file_of(prompt)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as staging:
                made = Path(staging) / path.name
                entries: dict[str, Any] = {ENTRY: embedding.contiguous()}
                save_file(entries, made)
                os.replace(made, path)  # noqa: PTH105 - the name that readers look at is taken in one step
        except OSError as error:
            # A store that only root may write, as in a container: the next start asks the encoder again.
            log.warning("embedding_not_kept", folder=str(path.parent), error=str(error))
