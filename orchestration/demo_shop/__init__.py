"""A seeded demo shop with known truth, as landing files in the input contract's shape.

One module per thing that is made (people, purchases, returns, catalogue, exchange rates, dirt), one
that shapes and writes the files, and `demo_maker` that calls them in order. The planted parameters
stand in `planted_types` alone. A new kind of file is a new module and a line in `demo_maker`.
"""
