"""What the scenarios stand on: programs as processes, and a small internet on loopback."""
