"""Cut labelled photos out as the engine does: python cutouts.py PHOTOS LABELS SPLIT OUT (with the package's Python).

SPLIT: a file with one `path<TAB>tuning|final` a line. The photos and their cut-outs stay outside the repository.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from fittingroom.engines.drape.cutout import cut_out
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.protocol import ClothesType, NoGarmentFound
from fittingroom.models import weight_path

LONG_SIDE = 400


def main() -> None:
    photos, labels, split_file, out = map(Path, sys.argv[1:5])
    split = dict(line.split("\t") for line in split_file.read_text().splitlines())
    out.mkdir(parents=True, exist_ok=True)
    nets = Nets(weight_path, 1)
    for file in sorted(labels.glob("*.json")):
        for entry in json.loads(file.read_text()):
            rgb = cv2.cvtColor(cv2.imread(str(photos / entry["photo"])), cv2.COLOR_BGR2RGB)
            try:
                cut = cut_out(rgb, ClothesType(entry["type"]), nets)
            except NoGarmentFound as problem:
                print(entry["photo"], problem)
                continue
            zoom = LONG_SIDE / max(cut.alpha.shape)
            size = (round(cut.alpha.shape[1] * zoom), round(cut.alpha.shape[0] * zoom))
            small = [cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (cut.photo, cut.alpha)]
            name = entry["photo"].replace("/", "__") + ".npz"
            np.savez(
                out / name, rgb=small[0], alpha=np.rint(small[1] * 255).astype(np.uint8), split=split[entry["photo"]]
            )


if __name__ == "__main__":
    main()
