"""What starts runs without anyone asking, and what tells when one fails."""
