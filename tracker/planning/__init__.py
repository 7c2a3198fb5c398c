"""
The working-day clock applied to parcels: when each is looked at, decided about, late, cancelled.

``cadence``, ``clocks`` and ``turns`` are pure; ``deadlines`` knows the settings and what people
entered; ``watching`` and ``recounting`` write down what follows.
"""
