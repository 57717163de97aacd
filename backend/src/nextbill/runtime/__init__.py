"""What every process needs: settings, transactions, jobs, steps, locks, crypto, web plumbing, logs and metrics."""
