"""
Libraries that write addresses with tokens, or whole messages, to their logs (promises.md R23).
"""

from __future__ import annotations

import logging

#: These do so below WARNING.
_LEAKY = ("httpx", "httpcore", "requests", "slack_sdk", "urllib3")
#: Apprise writes tokens at WARNING too; what became of a message is told by its result.
_LEAKY_ALWAYS = ("apprise",)


def hold_back_libraries() -> None:
    """
    None of them writes a secret to a log, whatever level the rest has.
    """
    for name in _LEAKY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _LEAKY_ALWAYS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
