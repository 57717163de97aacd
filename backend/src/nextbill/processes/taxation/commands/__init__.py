"""What the process does, one file a use case."""

from nextbill.processes.taxation.commands.book import BOOK_BILLED, book_billed, book_credit_note, book_invoice
from nextbill.processes.taxation.commands.correct import LATE_PROOF, apply_task, correct_invoice, react_to_proof
from nextbill.processes.taxation.commands.ids import note_buyer, recheck

__all__ = [
    "BOOK_BILLED",
    "LATE_PROOF",
    "apply_task",
    "book_billed",
    "book_credit_note",
    "book_invoice",
    "correct_invoice",
    "note_buyer",
    "react_to_proof",
    "recheck",
]
