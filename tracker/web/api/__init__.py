"""
The read-only API: what programs read over HTTP with a token, in the shapes of the commands' JSON.

Its errors are problem details (RFC 9457), and its OpenAPI document is made from the same models
that every answer passes through.
"""
