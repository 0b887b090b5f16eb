"""From what SQL counted to what SQL joins back: tuples in, scores out. No maths of its own."""
