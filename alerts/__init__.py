"""
Alerts: decided by rules, put into words, and delivered.
"""
