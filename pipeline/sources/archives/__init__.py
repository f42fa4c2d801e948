"""Archives: zip and tar, and how their members are read."""
