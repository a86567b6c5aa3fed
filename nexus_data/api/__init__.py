"""The read API: one function a question, one thin handler a route. Nothing outside imports it."""
