"""Loops compiled by numba, one module for each step of the stage; imported only when they are first needed.

Nothing here knows of Arrow or of the settings' meaning. `stages.near_duplicates.tokenization.compiled` imports a
module of this package by name.
"""
