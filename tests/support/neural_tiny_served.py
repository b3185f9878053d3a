"""Both editors as a server under test names them: tiny weights of the real classes, photos read by a fake."""

from pathlib import Path

from neural_fake_reader import Reading

from fittingroom.engines.flux2_klein.engine import Flux2KleinEngine
from fittingroom.engines.qwen_edit.engine import QwenEditEngine
from fittingroom.models.sets import adopt_folder
from fittingroom.setting_neural import NeuralSettings


class TinyKlein(Flux2KleinEngine):
    def __init__(self, locate: object = None, settings: NeuralSettings | None = None, reader: object = None) -> None:
        super().__init__(locate, settings, Reading())


class TinyQwen(QwenEditEngine):
    def __init__(self, locate: object = None, settings: NeuralSettings | None = None, reader: object = None) -> None:
        super().__init__(locate, settings, Reading())


def klein_set(given: Path, store: Path) -> Path:
    import neural_tiny_flux2

    return adopt_folder("flux2-klein", neural_tiny_flux2.write(given), store)


def qwen_set(given: Path, store: Path) -> Path:
    import neural_tiny_qwen

    return adopt_folder("qwen-edit", neural_tiny_qwen.write(given), store)
