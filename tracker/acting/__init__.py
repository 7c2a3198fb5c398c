"""
What people do about alerts, whether by command or on the dashboard: how it is read and chosen.
"""
