"""Figures: a function takes a DataFrame and an ``Axes``, draws, and returns the ``Axes``."""
