"""Background tasks: what can be asked for, and where each one stands. Who runs them is not known here."""
