"""
What the dashboard's pages read, each subject in a room of its own; never a row beyond the scope.
"""
