"""Recordings for the commands: honest ceremonies and refused ones."""

from fault_scenes import play
from unlatch.judgement import Recording
from unlatch.testing import FAULTS


def fault_at(step):
    return next(fault for fault in FAULTS if fault.step == step)


def recorded(step, *, honest=False):
    """The recording, as text, of a ceremony that `step` refuses; or of the same ceremony without the fault."""
    fault = fault_at(step)
    played = play(fault, attestation=min(fault.formats) if fault.formats else "none")
    body = played.answer(None if honest else fault)
    recording = Recording.of_ceremony(played.rp, played.state, body, at=played.state.created_at, record=played.record)
    return recording.to_json()
