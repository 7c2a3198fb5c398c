"""
How the watcher and each carrier's portal are: what ``tracker status`` says.
"""
