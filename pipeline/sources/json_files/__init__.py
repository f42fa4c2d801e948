"""JSON in any shape: lines, lists, lists in objects, dictionaries, tables."""
