"""The audited set becomes the one that readers see."""
