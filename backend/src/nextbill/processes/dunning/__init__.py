"""From debts to how a subscription stands: past due while an invoice of its is overdue, active again when none is."""
