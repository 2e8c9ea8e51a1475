"""Figures in: what files hold becomes rows, held against the ledger, doubted, shown and added."""
