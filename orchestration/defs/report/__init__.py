"""What people look at after a set is published."""
