"""What the two editors are told, in one place: a sentence for the garment, one for each choice, one for what stays.

The person is image 1 and the garment image 2 in both engines' pipelines. Nothing of a caller's own text comes in, so
that the prompts are finitely many and their embeddings can be kept, and so that nobody can ask for anything but a
garment. Invariant: the same type and options give the same prompt, byte for byte; the defaults add no sentence.
"""

from __future__ import annotations

from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, Tuck

GARMENT = {
    ClothesType.UPPER: "Replace the top that the person in image 1 is wearing with the top shown in image 2.",
    ClothesType.LOWER: "Replace the trousers or skirt that the person in image 1 is wearing with the trousers or skirt "
    "shown in image 2.",
    ClothesType.DRESS: "Replace the outfit that the person in image 1 is wearing with the dress or one-piece shown in "
    "image 2.",
}
OVER = "Put the garment shown in image 2 on the person in image 1, over the clothes that are worn already."

FAITHFUL = (
    "Its colour, pattern, print, lettering, fabric, buttons, collar, sleeve length and hem are exactly those of image "
    "2, and it fits the body and pose naturally, with folds and shadows that follow the light of image 1."
)

OTHERS = {
    ClothesType.UPPER: "trousers or skirt, shoes",
    ClothesType.LOWER: "top, shoes",
    ClothesType.DRESS: "shoes",
}
STAYS = (
    "Leave everything else of image 1 as it is: face, hair, hands, body shape, pose, {others}, accessories, "
    "background, framing and light. The person stays fully dressed."
)

FIT = {FitStyle.SLIM: "It sits close to the body.", FitStyle.OVERSIZED: "It is worn oversized, wide and loose."}
TUCK = {Tuck.IN: "It is tucked into the waistband.", Tuck.OUT: "It hangs over the waistband, not tucked in."}
ROLLED = "Its sleeves are rolled up to just below the elbow."
SHORTER, LONGER = "It is worn a little shorter than in image 2.", "It is worn a little longer than in image 2."

NEARLY = 0.05
"""How far `TryOnOptions.length` may be from 1 without a word."""


def prompt_for(clothes_type: ClothesType, options: TryOnOptions = TryOnOptions()) -> str:
    """The prompt, English, a few sentences. What has no meaning for the type (a tucked dress) is left out."""
    said = [OVER if options.over else GARMENT[clothes_type], FAITHFUL]
    said += [FIT[options.fit]] if options.fit in FIT else []
    if clothes_type is ClothesType.UPPER and options.tuck in TUCK:
        said.append(TUCK[options.tuck])
    if clothes_type is not ClothesType.LOWER and options.rolled_sleeves:
        said.append(ROLLED)
    if abs(options.length - 1.0) > NEARLY:
        said.append(SHORTER if options.length < 1.0 else LONGER)
    return " ".join([*said, STAYS.format(others=OTHERS[clothes_type])])
