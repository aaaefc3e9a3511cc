"""What holds for all tests."""

from hypothesis import settings

pytest_plugins = ["parts"]

# A time limit on one example would test how busy the machine is.
settings.register_profile("unlatch", deadline=None, print_blob=True)
settings.load_profile("unlatch")
