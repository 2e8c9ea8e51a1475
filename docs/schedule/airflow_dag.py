"""The report of each quarter as an Airflow DAG: one task, which may be repeated, since an unchanged page is not made again."""

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="laoyou_quarter",
    schedule="30 5 24 1,4,7,10 *",
    start_date=pendulum.datetime(2026, 10, 1, tz="Asia/Shanghai"),
    catchup=False,  # an older quarter is remade by hand, with --as-of
    max_active_runs=1,
):
    BashOperator(
        task_id="report",
        bash_command="sh /srv/laoyou/docs/schedule/quarter.sh ",  # the blank at its end keeps Airflow from reading it as a template
        env={"LAOYOU_ROOT": "/srv/laoyou", "LAOYOU_CLUSTER": "tcp://scheduler:8786"},
        append_env=True,
        retries=1,
        retry_delay=timedelta(minutes=10),
    )
