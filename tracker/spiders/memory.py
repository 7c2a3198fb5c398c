"""
What could be clicked before the submit, so that the results' own controls can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.spiders.inpage import frames_of, from_frame, script

if TYPE_CHECKING:
    from playwright.async_api import Frame, JSHandle, Page


@dataclass(slots=True)
class Memory:
    """
    What could be clicked before the submit, frame by frame, and what was opened since.
    """

    signatures: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    _handles: dict[Frame, JSHandle] = field(default_factory=dict)

    @classmethod
    async def of(cls, page: Page) -> Memory:
        """
        The memory of the page as it stands.
        """
        memory = cls()
        for frame in frames_of(page):
            handle = await from_frame(frame, frame.evaluate_handle(script("known"), None))
            if handle is not None:
                memory._handles[frame] = handle
                told = await from_frame(frame, handle.evaluate("memory => memory.signatures"))
                memory.signatures += told or []
        return memory

    async def ask(self, frame: Frame, name: str, **told: Any) -> dict[str, JSHandle] | None:
        """
        What a script says of the frame under this memory; ``None`` when the frame is gone.
        """
        for _ in range(2):
            if frame not in self._handles:
                asking = frame.evaluate_handle(script("known"), self.signatures)
                handle = await from_frame(frame, asking)
                if handle is None:
                    return None
                self._handles[frame] = handle
            argument = told | {"memory": self._handles[frame]}
            found = await from_frame(frame, frame.evaluate_handle(script(name), argument))
            if found is not None:
                parts: dict[str, JSHandle] = await found.get_properties()
                return parts
            del self._handles[frame]  # another document has taken the old one's place
        return None
