"""
What the daemon does: its steps and how often, and what they work with, put together.

:mod:`tracker.scheduler` is the metronome.
"""
