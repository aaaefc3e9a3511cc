"""Coverage-guided fuzzing of everything that reads what others wrote: one target a decoder, and both finish calls.

The law: any input gives a value or an `UnlatchError`, in bounded time. `python -m fuzz --help`.
"""
