"""Reports: the scores of runs as tables, figures and one self-contained page."""
