"""
Orders come in here: files and answers of the seller's platform are read into plain values.
"""
