"""NextPanel Billing: the front office of a hosting company."""
