"""How each error code of jobs is brought about, as its recipe in the catalogue says; see `code_triggers`."""

from __future__ import annotations

import uuid

from code_triggers import each
from code_world import Refused, World, common


@each("FailedOperation.JobNotExist")
def _no_such_job(world: World, language: str) -> Refused:
    parameters = {"JobId": str(uuid.uuid4())}
    return common(world.place("plain"), language, parameters, action="QueryChangeClothesJob")
