"""Put rendered people and garments into the package: JPEGs, small ones for shelves, and their entries in samples.json.

    python tools/samples/publish.py build/people build/garments

Entries of samples whose PNG lies in neither folder stay as they are.
"""

import argparse
import json
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "src" / "fittingroom" / "samples"
LICENCE = "CC0-1.0"
QUALITY = {"person": 93, "garment": 88}
THUMB_WIDTH, THUMB_QUALITY = 120, 82
FOLDERS = {"person": "people", "garment": "garments"}
COMMANDS = {
    "person": "python tools/samples/make_people.py --bodies build/bodies --assets build/assets --out build/people {}",
    "garment": "python tools/samples/make_garments.py --bodies build/bodies --out build/garments {}",
}


def published(name: str, kind: str, told: dict, source: Path) -> dict[str, object]:
    """Write a sample's two JPEGs and return its entry in the list."""
    file, thumb = f"{FOLDERS[kind]}/{name}.jpg", f"thumbs/{name}.jpg"
    with Image.open(source) as picture:
        upright = picture.convert("RGB")
    for path, image, quality in (
        (file, upright, QUALITY[kind]),
        (thumb, small(upright), THUMB_QUALITY),
    ):
        (PACKAGE / path).parent.mkdir(exist_ok=True)
        image.save(PACKAGE / path, "JPEG", quality=quality, optimize=True, progressive=True)
    return {
        "id": name,
        "kind": kind,
        "file": file,
        "thumb": thumb,
        "name": told["name"],
        "clothes_type": told.get("clothes_type"),
        "width": upright.width,
        "height": upright.height,
        "licence": LICENCE,
        "made_with": COMMANDS[kind].format(name),
    }


def small(picture: Image.Image) -> Image.Image:
    """Return the picture as a shelf shows it, at twice the size in CSS pixels."""
    return picture.resize((THUMB_WIDTH, round(THUMB_WIDTH * picture.height / picture.width)), Image.Resampling.LANCZOS)


def main() -> None:
    """Publish every sample whose PNG lies in one of the folders, in the order of the lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=Path)
    parser.add_argument("garments", type=Path)
    folders = parser.parse_args()
    listing = PACKAGE / "samples.json"
    entries = {one["id"]: one for one in json.loads(listing.read_text("utf-8"))}
    order = []
    for kind, folder in (("person", folders.people), ("garment", folders.garments)):
        known = json.loads((HERE / f"{FOLDERS[kind]}.json").read_text("utf-8"))
        order += list(known)
        for name, told in known.items():
            source = folder / f"{name}.png"
            if source.exists():
                entries[name] = published(name, kind, told, source)
    listed = [entries[name] for name in order if name in entries]
    listing.write_text(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
