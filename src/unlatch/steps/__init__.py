"""The specification's checks as pure functions: parts and expectations in, None or a refusal out.

Each function is one row (or, where both ceremonies share a check, two rows) of `unlatch.steps.table`.
"""
