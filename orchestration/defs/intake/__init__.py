"""Files in, raw relations out."""
