"""Published results, and the methods and networks they were measured with."""
