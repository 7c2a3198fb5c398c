"""
The claim pack: everything that a seller fills into "Raise A Claim" and attaches to it.

Cases are gathered from the store (:mod:`alerts.claims.cases`), made into files by pure modules, and
written to a folder of their own (:mod:`alerts.claims.packing`).
"""
