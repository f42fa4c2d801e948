"""Runs: from the first batch read to the tables published, resumed when they were killed."""
