"""The README's picture from what `make demo` left: people above, garments between, results below.

make demo && .venv/bin/python tools/samples/hero.py docs/assets/hero.jpg
"""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "demo"))
from samples import sample_cases  # noqa: E402

COLUMN, GARMENT, GAP = 300, 210, 14
GROUND = (255, 255, 255)


def main() -> None:
    """Lay out every case of the demo as a column."""
    columns = [column(case.person, case.garment, ROOT / "demo" / "out" / f"{case.name}.jpg") for case in sample_cases()]
    width = len(columns) * (COLUMN + GAP) - GAP
    sheet = Image.new("RGB", (width, columns[0].height), GROUND)
    for index, one in enumerate(columns):
        sheet.paste(one, (index * (COLUMN + GAP), 0))
    sheet.save(sys.argv[1], "JPEG", quality=86, optimize=True, progressive=True)


def column(person: Path, garment: Path, result: Path) -> Image.Image:
    """Return one case from top to bottom."""
    above, between, below = fitted(person, COLUMN), fitted(garment, GARMENT), fitted(result, COLUMN)
    out = Image.new("RGB", (COLUMN, above.height + between.height + below.height + 2 * GAP), GROUND)
    out.paste(above, (0, 0))
    out.paste(between, ((COLUMN - GARMENT) // 2, above.height + GAP))
    out.paste(below, (0, above.height + between.height + 2 * GAP))
    return out


def fitted(path: Path, width: int) -> Image.Image:
    """Return the picture at that width."""
    with Image.open(path) as picture:
        return picture.convert("RGB").resize(
            (width, round(width * picture.height / picture.width)), Image.Resampling.LANCZOS
        )


if __name__ == "__main__":
    main()
