"""What our engines say about a picture, in Chinese.

Engines speak English to programs, where a sentence is a warning and no more; people read them in the room. Each
sentence of ours stands here as the engines have it, with {} for what changes. Invariant: a sentence that is not known,
such as one of an engine from elsewhere, is shown as it is, and none is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from fittingroom.errors import Language

DOUBTFUL: Final = ("The result is doubtful. ", "结果可能不理想。")

TEXTS: Final = {
    "The garment photo is hard to read; lay the garment flat on a plain ground and photograph it from above.": (
        "服装照片不易识别；请将服装平铺在纯色背景上，从正上方拍摄。"
    ),
    "The person is hard to read; use a frontal photo with hanging and empty hands, on a plain background.": (
        "人物不易识别；请使用纯色背景、双手自然下垂且未持物的正面照片。"
    ),
    "The worn clothes cover much more than the new ones; a photo in close-fitting clothes gives better results.": (
        "身上的衣服比新服装遮盖得多；穿贴身衣服的照片效果更好。"
    ),
    "The garment does not fit the pose; another photo of the person or the garment gives better results.": (
        "服装与姿势不匹配；换一张人物或服装照片效果更好。"
    ),
    "The garment is worn by a person; a flat photo of the garment alone gives better results.": (
        "照片中的服装穿在人身上；单独平铺的服装照片效果更好。"
    ),
    "The garment may be folded, unusual or seen from the side; lay it flat and photograph it from above.": (
        "服装可能有折叠、款式特殊或拍摄角度偏斜；请平铺后从正上方拍摄。"
    ),
    "The trousers seem to be folded; lay the legs flat beside each other.": "裤子似乎是折叠的；请将两条裤腿并排平铺。",
    "The garment seems to be open in front; close it.": "服装前襟似乎是敞开的；请扣好或拉好。",
    "The garment seems to be sheer.": "服装似乎是透明或半透明的。",
    "The garment is cut off by the border of the photo.": "服装超出了照片边缘，未拍完整。",
    "The garment seems to be off the shoulder.": "服装似乎是露肩款。",
    "The garment is shorter than what the person wears; it is shown longer than it is.": (
        "服装比身上的衣服短；图中显示得比实际长。"
    ),
    "The garment is much shorter than what the person wears, which shows below it.": (
        "服装比身上的衣服短很多，原来的衣服会在下方露出。"
    ),
    "No waistband is visible above which the garment could be tucked in; it is shown untucked.": (
        "看不到可以塞入下摆的裤腰或裙腰；图中为不塞入的穿法。"
    ),
    "The dress seems very short; it is shown longer than it is.": "连衣裙似乎很短；图中显示得比实际长。",
    "The person is turned to the side; a frontal photo gives better results.": "人物侧身；正面照片效果更好。",
    "No skin of the person is visible; what the old garment covers stays covered by it.": (
        "看不到人物的皮肤；原来衣服遮盖的部分仍由它遮盖。"
    ),
    "The person fills the picture; no background is visible that could show beside a slimmer garment.": (
        "人物占满画面；没有可在更修身的服装旁显示的背景。"
    ),
    "Arms, hands or hair cover {} of the garment in its photo; that part is made up.": (
        "服装照片中有{}被手臂、手或头发遮挡；该部分由系统补全。"
    ),
    "The garment was cut out of a photo of its wearer and keeps the folds and the fit that it has there.": (
        "服装取自他人穿着的照片，保留了原有的褶皱和版型。"
    ),
    "No person was found in what the network made.": "生成的图片中未找到人物。",
    "What should have stayed the same did not.": "本应保持不变的部分发生了变化。",
    "Hardly anything was changed.": "图片几乎没有变化。",
    "The garment's colours are not those of its photo.": "服装颜色与服装照片不一致。",
    "The colours are not those of the garment's photo.": "颜色与服装照片不一致。",
    "The network moved or redrew what should have stayed as it was.": "网络移动或重画了本应保持不变的部分。",
    "The network left the old garment on.": "网络保留了原来的衣服。",
    "The picture failed the check.": "图片未通过检查。",
    "None of {} attempts passed the check.": "{}次尝试均未通过检查。",
    "Garment {} was taken for {}, which is not sure; name its type.": "第{}件服装被识别为{}，但并不确定；请指定类型。",
    "fashn takes no notice of fit, tuck, length, rolled sleeves, layering and marks.": (
        "fashn 不处理版型、塞衣角、长度、卷袖、叠穿和标记点选项。"
    ),
}


def translated(warnings: Sequence[str], language: Language) -> list[str]:
    """An engine's warnings in the language of the page."""
    return [_chinese(one) for one in warnings] if language == "zh-CN" else list(warnings)


def _chinese(sentence: str) -> str:
    doubt, rest = ("", sentence)
    if sentence.startswith(DOUBTFUL[0]):
        doubt, rest = DOUBTFUL[1], sentence.removeprefix(DOUBTFUL[0])
    for english, chinese in TEXTS.items():
        found = re.fullmatch(re.escape(english).replace(r"\{\}", "(.+?)"), rest)
        if found:
            return doubt + chinese.format(*found.groups())
    return sentence
