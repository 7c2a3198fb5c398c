"""
Speed and memory, each figure beside a limit measured in the same run: ``python -m benchmarks``.
"""
