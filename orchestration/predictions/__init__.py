"""From what SQL counted to what SQL joins back: tuples in, scores out. The maths is in estimators."""
