"""What a user may set: the settings file, its overlay, and the checks on the config tables."""
