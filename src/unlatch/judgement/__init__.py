"""Judging a recorded ceremony again, from plain data alone.

```python
verdict = judge_registration(response, Expectations(challenge=..., rp_id="example.org", origins=[...], at=...))
verdict.accepted, verdict.code, verdict.step, verdict.steps
```

What a relying party would have decided at that time follows from the arguments and from nothing else: no clock, no
store, no configuration. A `Recording` holds the arguments as one piece of JSON.
"""

from unlatch.judgement.expectations import Expectations
from unlatch.judgement.judge import judge_authentication, judge_registration
from unlatch.judgement.recording import Recording
from unlatch.judgement.verdict import Outcome, StepVerdict, Verdict

__all__ = [
    "Expectations",
    "Outcome",
    "Recording",
    "StepVerdict",
    "Verdict",
    "judge_authentication",
    "judge_registration",
]
