"""CSV and its relatives: the dialect is found out, and a broken line costs itself."""
