"""The parts of the harness; ../run.py puts them together."""
