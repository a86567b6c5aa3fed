"""Quarantine: rejected records listed, shown, corrected, and replayed through the steps that every record goes."""
