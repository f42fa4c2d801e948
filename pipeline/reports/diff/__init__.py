"""`clean diff`: two runs, or two corpora, compared: cuts, documents, columns, words, passages and settings."""
