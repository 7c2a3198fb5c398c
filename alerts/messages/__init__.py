"""
From facts to words: letters composed into messages for any channel.
"""

from alerts.messages.compose import compose
from alerts.messages.message import Letter, Line, Message

__all__ = ["Letter", "Line", "Message", "compose"]
