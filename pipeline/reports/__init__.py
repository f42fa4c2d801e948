"""Reports on a corpus: explain a document, verify the tables, export, list runs and rules."""
