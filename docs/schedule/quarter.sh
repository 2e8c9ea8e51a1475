#!/bin/sh
# The report of the last quarter that is over, whose file must be in params/. For cron (laoyou.cron), Airflow (airflow_dag.py) or by hand.
#   LAOYOU_ROOT     the workspace
#   LAOYOU_CLUSTER  the address of a Dask scheduler; without it the quarter is made here
#   LAOYOU_DATA     where the ledger is, if it is not the workspace's CSV files
set -eu
cd "${LAOYOU_ROOT:?the workspace}"
year=$(date +%Y)
month=$(date +%m)
quarter=$(( (${month#0} - 1) / 3 ))
if [ "$quarter" -eq 0 ]; then
  quarter=4
  year=$((year - 1))
fi
laoyou check
laoyou run "${year}Q$quarter" ${LAOYOU_CLUSTER:+--cluster "$LAOYOU_CLUSTER"}
