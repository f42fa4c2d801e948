"""Loops in C, one module for each step of the stage, and the functions that call them.

Nothing here knows of Arrow or of the settings' meaning.
"""
