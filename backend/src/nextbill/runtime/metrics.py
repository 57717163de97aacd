"""Prometheus metrics of the machinery; capabilities add their own beside their code."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

requests = Histogram("nextbill_http_request_seconds", "Duration of a request", ["method", "route", "status"])
job_runs = Counter("nextbill_job_runs_total", "Jobs run, by outcome", ["job", "outcome"])
vendor_calls = Counter("nextbill_vendor_calls_total", "Looks and calls at vendors, by outcome", ["step", "phase", "outcome"])
ticks = Counter("nextbill_ticks_total", "Ticks fired", ["tick"])
violations = Gauge("nextbill_invariant_violations", "Violations found by the last check", ["invariant"])
