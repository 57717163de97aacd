"""What things cost: CPU time of the product's processes, beside that of a bare route measured in the same run."""
