"""Text files: one article, an article with a header, or many articles in one of the forms that people keep them in."""
