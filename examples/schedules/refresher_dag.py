"""Training waits for the certificate: no certificate, no model. For Airflow 3."""

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="survival",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
) as dag:
    # No retries: a failed gate fails again, and a lock was waited for already (--attempts, --lock-timeout).
    refresh = BashOperator(task_id="refresh", bash_command="refresher run survival", retries=0)
    train = BashOperator(task_id="train", bash_command="python train.py")

    refresh >> train
