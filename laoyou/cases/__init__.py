"""Case records: kept without anything personal, counted, followed in time, and compared. Pure but for the store."""
