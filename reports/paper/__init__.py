"""A paper's tables and figures regenerated from runs: measured beside published."""
