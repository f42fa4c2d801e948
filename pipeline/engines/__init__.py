"""Engines: where tasks are carried out, on this machine or beyond it."""
