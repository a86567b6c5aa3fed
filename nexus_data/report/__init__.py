"""Reports on what a user, or the users of a role, did in a period: one generation in, the same bytes out each time."""
