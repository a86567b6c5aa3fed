"""Records that belong together: rows that go on with the row before, and rows that are one operation."""
