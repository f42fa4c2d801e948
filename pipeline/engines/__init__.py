"""Engines: they carry out the tasks of a run, on this machine or beyond it."""
