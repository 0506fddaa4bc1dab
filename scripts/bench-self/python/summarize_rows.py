"""The figures of `provemark summary`, `gate` and `report` by DuckDB.
usage: summary ROWS | gate ROWS BASELINE | report ROWS"""
import sys

import duckdb

# Outcome, statistics of every measured figure, ranges of counters and sizes, kinds of failure, and whether rows
# that are pooled were made under one set of conditions: what a card shows.
SUMMARY = """
with rows as (from read_json(?, format = 'newline_delimited')), good as (
  select *, coalesce(time_source = 'wall', false) as is_wall from rows where return_code = 0 and status = 'ok')
select track, point, params, prover.name as prover, is_wall, phase, count(*) as ok,
  {figures},
  count(distinct run_id) as runs, count(distinct settings) as settings, count(distinct machine.cpu) as machines,
  count(distinct prover.version) as versions, count(distinct mem_source) as mem_sources,
  min(param_count), min(ecc.totalCost), max(ecc.totalCost), min(ecc.constraints), max(ecc.constraints),
  min(circuit_size_bytes), max(circuit_size_bytes), min(witness_size_bytes), max(witness_size_bytes),
  min(output_size_bytes), max(output_size_bytes), min(proof_size_bytes), max(proof_size_bytes)
from good group by all order by all
"""
FAILURES = """
select track, point, phase, status, return_code, count(*), min(iteration), any_value(prover.name)
from read_json(?, format = 'newline_delimited') where return_code <> 0 or status <> 'ok' group by all
"""
FIGURE = "avg({0}), stddev_samp({0}), min({0}), max({0}), median({0}), mad({0})"
FIGURES = ", ".join(FIGURE.format(name) for name in ("time_s", "mem_mb", "cpu_user_s + cpu_sys_s"))

# Medians of both sides and the Mann-Whitney statistic of their times: the rank sum of the rows of today.
GATE = """
with rows as (
  select 1 as side, * from read_json(?, format = 'newline_delimited')
  union all by name select 0 as side, * from read_json(?, format = 'newline_delimited')), good as (
  select *, rank() over (partition by track, point, params, prover.name, phase order by time_s) as place
  from rows where return_code = 0)
select track, point, params, prover.name, phase, side, count(*), median(time_s), median(mem_mb), sum(place),
  count(distinct settings), count(distinct machine.cpu), count(distinct machine.cores), min(ecc.totalCost),
  max(ecc.totalCost), max(circuit_size_bytes), max(proof_size_bytes), max(witness_size_bytes)
from good group by all order by all
"""

command, rows, *rest = sys.argv[1:]
db = duckdb.connect()
if command == "gate":
    print(len(db.execute(GATE, [rows, rest[0]]).fetchall()))
else:
    print(len(db.execute(SUMMARY.format(figures=FIGURES), [rows]).fetchall()))
    print(len(db.execute(FAILURES, [rows]).fetchall()))
if command == "report":
    # The page holds every row, packed.
    db.execute(
        "copy (select status, point, phase, iteration, time_s, mem_mb, cpu_user_s + cpu_sys_s, ecc.totalCost,"
        " circuit_size_bytes, witness_size_bytes, proof_size_bytes, prover, track, param_count, run_id,"
        " machine.commit, timestamp, return_code from read_json(?, format = 'newline_delimited'))"
        " to 'report.json.gz' (format json, compression gzip)",
        [rows],
    )
