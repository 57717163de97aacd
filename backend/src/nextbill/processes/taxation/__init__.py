"""Tax across the shop: ids checked when they change, sales into the VAT book, invoices corrected when a proof comes late."""
