"""`clean why`: where a sentence went: kept, cut, moved to a column, or copied, and who had it first."""
