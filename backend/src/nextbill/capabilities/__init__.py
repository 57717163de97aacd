"""The business, one folder for each thing we can do; a line of design.md imports the lines below it, through their faces only."""
