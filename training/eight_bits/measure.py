"""Measures how large the activations of u2net-cloth get, and writes the steps in which `drape` counts them.

    python measure.py WEIGHTS.onnx PHOTOS steps.json

WEIGHTS: u2net_cloth_seg.onnx as `fittingroom models pull` brings it. PHOTOS: a folder of photos with SOURCES.tsv; used
are those whose licence there is one of LICENCES, and the package's own samples. A tensor's 255 steps reach the mean of
its largest values on each photo. Tensors that are pooled or joined into one share a step. Runs in the package's own
environment. Invariant: the same photos give the same file.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from fittingroom import samples
from fittingroom.engines.drape.eight_bits import Node, nodes_of, text
from fittingroom.engines.drape.nets import GARMENT_AREA, PERSON_AREA, cloth_input
from fittingroom.engines.drape.slim import BYTES, GRAPH, OUTPUT, field, fields, published_cuts, rewritten, slimmed

LICENCES = ("CC0", "AFL", "BSD")
EVERY = {"persons": 3, "garments": 5}
"""One of so many photos is used, in the order of their names."""

LEVELS = 255
VALUE_NAME = 1
Largest = dict[str, float]


def main(weights: Path, photos: Path, out: Path) -> None:
    """Measure both networks on the photos that they see in use, and write the file."""
    published = weights.read_bytes()
    networks = {
        "worn": (slimmed(published, published_cuts()), "persons", "people", PERSON_AREA),
        "cloth": (slimmed(published, {}), "garments", "garments", GARMENT_AREA),
    }
    steps = {}
    for name, (model, folder, own, area) in networks.items():
        paths = [*sorted((Path(samples.__file__).parent / own).iterdir()), *free(photos, folder)]
        found = largest(model, paths, area)
        steps[name] = shared(nodes_of(graph_of(model)), found)
        print(f"{name}: {len(paths)} photos, {len(steps[name])} activations")
    out.write_text(json.dumps(steps, indent=0) + "\n", encoding="utf-8")


def free(photos: Path, folder: str) -> list[Path]:
    """The photos of `folder` whose licence allows this."""
    with (photos / "SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["file"].startswith(folder)]
    names = sorted(row["file"] for row in rows if any(licence in row["licence"] for licence in LICENCES))
    return [photos / name for name in names[:: EVERY[folder]]]


def graph_of(model: bytes) -> bytes:
    """The graph of an ONNX file, in wire format."""
    return next(bytes(value) for number, _, value in fields(model) if number == GRAPH)


def kept(nodes: Iterable[Node]) -> list[str]:
    """The activations that are counted in steps: outputs of ReLUs and sums, and these resized."""
    names: list[str] = []
    for node in nodes:
        if node.kind in ("Relu", "Add") or (node.kind == "Resize" and node.inputs[0] in names):
            names.append(node.output)
    return names


def largest(model: bytes, paths: list[Path], area: int) -> Largest:
    """Of each activation the largest value on a photo, averaged over the photos."""
    names = kept(nodes_of(graph_of(model)))
    maxima = [f"{name}/largest" for name in names]
    added = b"".join(Node("ReduceMax", (name,), top).written() for name, top in zip(names, maxima, strict=True))
    added += b"".join(field(OUTPUT, BYTES, text(VALUE_NAME, top)) for top in maxima)
    session = ort.InferenceSession(rewritten(model, {GRAPH: lambda body: body + added}))
    tops = np.array([session.run(maxima, {"input": picture}) for picture in pictures(paths, area)])
    return dict(zip(names, tops.reshape(len(paths), -1).mean(axis=0).tolist(), strict=True))


def pictures(paths: list[Path], area: int) -> Iterator[np.ndarray]:
    """Each photo as `drape` shows it to the network."""
    for path in paths:
        bgr = cv2.imread(str(path))
        assert bgr is not None, path
        yield cloth_input(np.ascontiguousarray(bgr[..., ::-1]), area)


def shared(nodes: Iterable[Node], found: Largest) -> dict[str, float]:
    """The step of each activation, the same for all that are pooled or joined into one tensor."""
    groups = {name: {name} for name in found}
    for node in nodes:
        if node.kind in ("MaxPool", "Concat") and all(name in groups for name in node.inputs):
            joined = set.union(*(groups[name] for name in node.inputs)) | {node.output}
            groups |= dict.fromkeys(joined, joined)
    tops = {name: max(found.get(other, 0.0) for other in groups[name]) for name in found}
    return {name: float(f"{top / LEVELS:.4g}") for name, top in tops.items()}


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
