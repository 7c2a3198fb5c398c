"""
``python -m tracker.crawler``: lives as the daemon's child until its input ends.
"""

from tracker.crawler.child import main

if __name__ == "__main__":
    main()
