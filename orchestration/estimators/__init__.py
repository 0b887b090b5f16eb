"""Customer models in plain numpy and scipy, fitted and scored on weighted sufficient statistics.

Nothing here knows a warehouse, a schedule or a customer: arrays go in, arrays come out.
"""
