"""
Plots as SVG, drawn on the server: values in, a picture out, nothing else known.

Colours come from the style sheet by class, so that light and dark both read. Every picture says in
words what it shows; the numbers behind it stand beside it as a table.
"""
