"""Tables: a function takes DataFrames and returns a DataFrame, fractions throughout."""
