"""The two ceremonies: the steps in the specification's order, a straight line without I/O, clock or randomness."""
