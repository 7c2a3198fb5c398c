"""
The dashboard and the API: what people do in a browser, and what programs read over HTTP.

``app`` joins the rooms; each room of ``rooms`` is one subject with its routes, its templates and
its words. Pages are whole without JavaScript. Who may see what is decided in ``security``.
"""
