"""Regular duties: what is due when, and each once a period however often it is asked for. Who asks is not known."""
