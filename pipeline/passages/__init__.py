"""Copied passages of a whole corpus: the index of earlier runs, the matching against it, the flows between outlets."""
