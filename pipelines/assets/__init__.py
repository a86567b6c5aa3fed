"""The asset graph, a file for each part of the way. An asset body opens nothing: one library call, then its report."""
