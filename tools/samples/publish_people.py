"""Put the rendered people into the package: small JPEGs in samples/people and their entries in samples.json."""

import argparse
import json
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "src" / "fittingroom" / "samples"
COMMAND = "python tools/samples/make_people.py --bodies build/bodies --assets build/assets --out build/people {}"
LICENCE = "CC0-1.0"
QUALITY = 93


def entry(name: str, person: dict, size: tuple[int, int]) -> dict[str, object]:
    """Return a person's entry in the list of samples."""
    return {
        "id": name,
        "kind": "person",
        "file": f"people/{name}.jpg",
        "name": person["name"],
        "clothes_type": None,
        "width": size[0],
        "height": size[1],
        "licence": LICENCE,
        "made_with": COMMAND.format(name),
    }


def main() -> None:
    """Publish every person whose PNG lies in the folder; entries of others stay as they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    pictures: Path = parser.parse_args().pictures
    people = json.loads((HERE / "people.json").read_text("utf-8"))
    listing = PACKAGE / "samples.json"
    kept = json.loads(listing.read_text("utf-8"))
    (PACKAGE / "people").mkdir(exist_ok=True)
    new = []
    for name, person in people.items():
        source = pictures / f"{name}.png"
        if not source.exists():
            continue
        with Image.open(source) as picture:
            target = PACKAGE / "people" / f"{name}.jpg"
            picture.convert("RGB").save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
            new.append(entry(name, person, picture.size))
    names = {one["id"] for one in new}
    entries = new + [one for one in kept if one["id"] not in names]
    entries.sort(key=lambda one: one["kind"] != "person")
    listing.write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
