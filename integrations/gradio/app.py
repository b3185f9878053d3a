"""A Gradio demo on the Python API: two photos, a type, a button, the dressed photo with its confidence and warnings.

For showing an engine to a colleague, and for a hub's demo page; the fitting room of `fittingroom serve` is the product.
Gradio keeps uploads and results in files of its own; here they go to a folder that is deleted at the end, and are
thrown away after ten minutes. Invariant: what the API refuses is shown as its published message, never as a picture.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from typing import Any

import gradio as gr
from PIL import Image

from fittingroom import FittingRoom, TryOnOptions
from fittingroom.engines.protocol import EngineError
from fittingroom.errors import ApiError
from fittingroom.samples import all_samples

TYPES = ("Upper-body", "Lower-body", "Dress")
KEPT = 600
"""Seconds that Gradio keeps a picture."""


def build(room: FittingRoom) -> gr.Blocks:
    """The page around an engine. Its API has one endpoint, `/try_on`."""

    def try_on(
        person: Image.Image | None, garment: Image.Image | None, kind: str, seed: float
    ) -> tuple[Image.Image, str]:
        if person is None or garment is None:
            raise gr.Error("Give a photo of a person and one of a garment.")
        try:
            fitting = room.try_on(person, garment, kind, TryOnOptions(seed=int(seed)))
        except ApiError as refusal:
            raise gr.Error(refusal.message()) from refusal
        except EngineError as refusal:
            raise gr.Error(str(refusal)) from refusal
        told = "".join(f"\n- {warning}" for warning in fitting.report.warnings)
        return fitting.image, f"{fitting.report.engine}, confidence {fitting.report.confidence:.2f}{told}"

    with gr.Blocks(title="Fitting Room", delete_cache=(KEPT, KEPT), analytics_enabled=False) as page:
        gr.Markdown("# Fitting Room\nA full-body photo from the front, and a photo of one garment alone.")
        with gr.Row():
            person = gr.Image(type="pil", label="Person", sources=["upload", "clipboard"])
            garment = gr.Image(type="pil", label="Garment", sources=["upload", "clipboard"])
            result = gr.Image(type="pil", label="Result", format="png", interactive=False)
        with gr.Row():
            kind = gr.Radio(TYPES, value=TYPES[0], label="Type of garment")
            seed = gr.Number(0, label="Seed", precision=0, minimum=0)
        button = gr.Button("Try on", variant="primary")
        told = gr.Markdown()
        inputs = [person, garment, kind, seed]
        button.click(try_on, inputs, [result, told], api_name="try_on", concurrency_limit=1)
        if found := examples():
            gr.Examples(found, inputs, cache_examples=False)
    return page


def examples() -> list[list[Any]]:
    """The project's own sample pictures, a person for each garment."""
    people = [one for one in all_samples() if one.kind == "person"]
    garments = [one for one in all_samples() if one.kind == "garment"]
    if not people:
        return []
    return [
        [str(people[number % len(people)].path), str(one.path), one.clothes_type, 0]
        for number, one in enumerate(garments)
    ]


def main() -> None:
    """Serve on this machine until stopped."""
    parser = argparse.ArgumentParser(description="Gradio demo of Fitting Room")
    parser.add_argument("--engine", default="auto", help="a registered engine, or module:Class")
    parser.add_argument("--port", type=int, default=7860)
    asked = parser.parse_args()
    room = FittingRoom(asked.engine)
    room.load()
    with tempfile.TemporaryDirectory(prefix="fittingroom-gradio-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        build(room).launch(server_name="127.0.0.1", server_port=asked.port)


if __name__ == "__main__":
    main()
