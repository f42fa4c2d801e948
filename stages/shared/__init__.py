"""Language knowledge that several stages need: words, dates, names of people, news agencies, character classes.

One home for each. Nothing in here imports a stage; the word lists are TOML files in `data/`, read once at import.
"""
