"""Launches and requests that have to be refused: each differs from a good one in one thing.

``changes`` says which thing, ``means`` what it takes, ``attempts`` carries them out between good ones.
"""
