"""What tests/bench/run measures, a module a figure."""
