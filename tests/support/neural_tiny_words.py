"""A tokenizer of Qwen's class that knows single bytes only, for tiny text encoders."""

from transformers import Qwen2Tokenizer

SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
WORDS = 512
"""The size of the vocabulary that a network needs."""


def byte_tokenizer() -> Qwen2Tokenizer:
    from tokenizers.pre_tokenizers import ByteLevel

    letters = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Qwen2Tokenizer(
        vocab=letters, merges=[], additional_special_tokens=list(SPECIAL), chat_template=TEMPLATE
    )
    assert len(tokenizer) <= WORDS
    return tokenizer
