"""HTTP plumbing that every route shares: problems, access, paging, idempotency, limits, the request's frame."""
