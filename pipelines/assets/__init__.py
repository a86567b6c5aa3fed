"""The asset graph, a file for each part of the way. An asset body opens nothing: one library call, then its report."""

import warnings

# Dagster marks it as beta; a range of months rebuilt in one run is what it is for, and nobody can act on the warning.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")
