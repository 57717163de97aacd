"""The year counted again by somebody who has never seen the product: out of the script, the price list and a calendar, with a pencil and decimals."""
