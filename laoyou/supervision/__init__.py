"""The supervision loop: what lags is put on a list, given to a unit, followed by its events, closed or escalated."""
