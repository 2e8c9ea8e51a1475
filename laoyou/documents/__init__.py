"""What leaves as a file of its own: each unit's problem list, the circular in Word, the quarter's tables in Excel."""
