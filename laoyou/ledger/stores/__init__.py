"""Where the ledger is kept: CSV files unless said otherwise, a folder of Parquet files, or a PostgreSQL database."""
