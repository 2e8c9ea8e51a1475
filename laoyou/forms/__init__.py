"""Collection forms: written for each lead unit, and read back filled."""
