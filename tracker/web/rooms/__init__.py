"""
One module or package for each subject of the dashboard: its routes, and what its templates show.
"""
