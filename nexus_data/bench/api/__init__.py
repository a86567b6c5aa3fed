"""`nexus bench api`: what the read API bears, with wrk as its readers on the same machine. Nothing else imports it."""
