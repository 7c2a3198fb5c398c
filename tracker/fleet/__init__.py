"""
Several processes, on one machine or many, share the daemon's steps over one PostgreSQL.

Procrastinate carries "do this now" from the metronome to whoever is free. It carries nothing else:
what is due, leased, paced or to be sent stands in our own tables, so that a lost, doubled or late
job is harmless and the queue may be thrown away at any time.
"""
