"""
Who is asking, what they may see, and what keeps strangers and other sites out.
"""
