"""What holds for all tests."""

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["parts", "collected"]

# A time limit on one example would test how busy the machine is.
settings.register_profile("unlatch", deadline=None, print_blob=True)
# For `make mutants`: few examples, always the same, however slow while it is watched which functions they go through;
# that one fails is all that counts.
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=10,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unlatch")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes unnamed: fresh keys would give a test another name in each process, and workers must agree."""
    return f"{argname}-bytes" if isinstance(val, bytes) and len(val) > 8 else None
