"""A declared map shapes foreign rows into the input contract: columns, types, rules."""
