"""Runs the queries of docs/analysis.md in the current folder.

stdin: JSON list of {"language": "sql" | "python", "code": text}; python blocks share one scope
stdout: JSON list of the results as lists of records; null for a python block that sets no `result`
"""

import json
import sys

import duckdb
import pandas


def to_records(result):
    if isinstance(result, pandas.Series):
        result = result.rename("value").to_frame()
    if not isinstance(result.index, pandas.RangeIndex):
        result = result.reset_index()
    return json.loads(result.to_json(orient="records", double_precision=15))


def run_python(code, scope):
    scope.pop("result", None)
    exec(code, scope)
    return to_records(scope["result"]) if "result" in scope else None


scope = {}
results = []
for block in json.load(sys.stdin):
    if block["language"] == "sql":
        results.append(to_records(duckdb.sql(block["code"]).df()))
    else:
        results.append(run_python(block["code"], scope))
json.dump(results, sys.stdout)
