"""Named faults: each changes one thing in an otherwise honest response, grouped by subject, one file a subject."""
