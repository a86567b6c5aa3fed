"""A contract proposed from one unknown file: what its bytes, columns and words say, and what they leave open.

Nothing here reads a file for a run: a draft is text for a person, who reviews it before it becomes a contract.
"""
