"""Readers: bytes of a kept file in, batches of raw text records out. No reader knows what a column means."""
