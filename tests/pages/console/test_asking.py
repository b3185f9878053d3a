import asyncio
import threading

import pytest

from fittingroom.pages.console.asking import Asked

pytestmark = pytest.mark.anyio


class Question:
    def __init__(self) -> None:
        self.asked, self.at_once, self.most = 0, 0, 0
        self.fails = False
        self._lock = threading.Lock()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self) -> int:
        with self._lock:
            self.asked, self.at_once = self.asked + 1, self.at_once + 1
            self.most = max(self.most, self.at_once)
        assert self.go_on.wait(5)
        with self._lock:
            self.at_once -= 1
        if self.fails:
            raise OSError("no answer")
        return self.asked


async def test_an_answer_serves_all_until_it_is_old() -> None:
    question, now = Question(), [100.0]
    asked = Asked(question, 4.0, lambda: now[0])
    assert [await asked.now(), await asked.now()] == [1, 1]
    now[0] += 3.9
    assert await asked.now() == 1
    now[0] += 0.1
    assert await asked.now() == 2


async def test_those_who_ask_at_the_same_time_share_one_question() -> None:
    question = Question()
    question.go_on.clear()
    asked = Asked(question, 4.0)
    waiting = [asyncio.create_task(asked.now()) for _ in range(5)]
    await asyncio.sleep(0.05)
    question.go_on.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert question.most == 1


async def test_a_failure_is_told_and_not_remembered() -> None:
    question = Question()
    asked = Asked(question, 60.0)
    question.fails = True
    with pytest.raises(OSError, match="no answer"):
        await asked.now()
    question.fails = False
    assert await asked.now() == 2
