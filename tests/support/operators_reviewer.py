"""A reviewer of an operator on loopback that answers, or misbehaves, as a test says."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(body: bytes | str, status: str = "200 OK", *headers: str) -> bytes:
    """An answer, ready to be written."""
    content = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


@dataclass
class Question:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, str]:
        return json.loads(self.body)["data"]


@dataclass
class Operator:
    """answers: by role, the bytes to answer with or a coroutine that gets the connection."""

    answers: dict[str, bytes | Talk] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    most_at_once: int = 0
    at_once: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            question = await self.read(reader)
            self.asked.append(question)
            answer = self.answers.get(question.data["role"], http('{"allowed": true}'))
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        finally:
            self.at_once -= 1
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> Question:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        return Question(first.split(" ")[1], headers, body)

    def url(self, path: str = "/review?key=private") -> str:
        return f"http://127.0.0.1:{self.port}{path}"
