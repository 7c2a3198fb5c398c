"""
A bare httpx loop: batches of numbers in, parsed answers out, nothing read or kept.

``python -m benchmarks.bare.with_httpx URL NUMBER`` asks one number, as ``track`` does.
"""

from __future__ import annotations

import asyncio
import sys

import httpx

AUTH = ("practice", "practice")


def form_of(batch: list[str]) -> dict[str, str]:
    """
    Clevy's form for a batch (domain.md 3.1).
    """
    return {"lang": "en"} | {f"MailNos[{at}]": number for at, number in enumerate(batch)}


async def ask_all(url: str, batches: list[list[str]], concurrency: int) -> int:
    """
    How many parcels the answers to all batches held.
    """
    waiting = iter(batches)
    limits = httpx.Limits(max_connections=concurrency)
    async with httpx.AsyncClient(auth=AUTH, limits=limits, timeout=30) as client:

        async def work() -> int:
            seen = 0
            for batch in waiting:
                response = await client.post(url, data=form_of(batch))
                seen += len(response.raise_for_status().json()["ResponseMessage"])
            return seen

        return sum(await asyncio.gather(*(work() for _ in range(concurrency))))


if __name__ == "__main__":
    print(asyncio.run(ask_all(sys.argv[1], [[sys.argv[2]]], 1)))
