"""A month in the life of the tea house, for the console's pictures and for whoever tries it out.

Nothing is written past the operations: the month is lived through, with a clock that is set by
hand and a gateway that is a Python object. The same seed and the same end give the same month.
"""
