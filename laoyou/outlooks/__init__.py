"""How likely targets are to be met: distributions, histories, forecasts, and their own record."""
