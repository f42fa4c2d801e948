"""`clean report`: one self-contained HTML page that shows what a run did, from samples that are drawn by a seed.

`collected` reads the tables part by part, so memory does not grow with the corpus; `rendering` writes the page.
"""

from pipeline.reports.page.writing import report_page

__all__ = ["report_page"]
