"""Dry runs and calendars; what names that are to be renewed cost."""

from nextbill.processes.renewal.queries.calendar import LONGEST, DayDue, LineSold, calendar, with_invoices
from nextbill.processes.renewal.queries.names import FoundNames, Outlook, days_of, find_names, outlook_of

__all__ = ["LONGEST", "DayDue", "FoundNames", "LineSold", "Outlook", "calendar", "days_of", "find_names", "outlook_of", "with_invoices"]
