"""Web archives: WARC and ARC, and the pages in them."""
