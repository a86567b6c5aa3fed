"""Records judged as a run would judge them, and nothing stored: no file is kept, nothing is looked up or published."""
