"""Pages: a report's tables and figures written down as HTML and as Markdown."""
