"""Credentials of people who do not exist, so that nobody learns who does (section 14.6.2).

A sign-in that asks for a user name first lists the user's credentials. For an unknown name, or a user without
passkeys, an empty list would say so. A decoy list does not: it is made from the name with a key that only the server
has, so it is the same today and tomorrow, and looks like the lists of real users. The sign-in then fails like any
other, because no such credential is stored.

```python
decoys = Decoys(secret)                                   # 32 random bytes, kept like a password
user_handle = find_user(name) or decoys.user_handle(name)
records = decoys.fill(rp.id, user_handle, store.for_user(user_handle))
ceremony = rp.begin_authentication(user=user_handle, records=records)
```

Known or unknown, the same steps are done: one look-up by handle, and the decoys are made even where they are not
needed. `Passkeys(decoys=...)` does the filling by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hmac import digest

from unlatch.errors import Misconfigured
from unlatch.record import CredentialRecord
from unlatch.terms import CredentialId, RpId, UserHandle

_MIN_SECRET = 32
_USER_HANDLE_LENGTH = 32
_BLOCK = 32
#: How many credentials people have, in tenths: seven of ten have one.
_COUNTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
_MAX_COUNT = max(_COUNTS)
_MAX_ID_LENGTH = 1023


@dataclass(frozen=True, slots=True)
class Look:
    """How the credentials of one kind of authenticator look from outside.

    Attributes:
        id_length: Length of their ids in bytes.
        transports: As reported at registration.
        weight: How many there are, in proportion to the other looks.
    """

    id_length: int
    transports: tuple[str, ...]
    weight: int = 1


#: Measured from what common managers and keys make: Apple, Google, Windows Hello, security keys.
COMMON_LOOKS = (
    Look(20, ("hybrid", "internal"), 9),
    Look(32, ("hybrid", "internal"), 6),
    Look(16, ("hybrid", "internal"), 2),
    Look(32, ("internal",), 4),
    Look(48, ("nfc", "usb"), 1),
    Look(64, ("nfc", "usb"), 1),
)


@dataclass(frozen=True, slots=True)
class Decoys:
    """Makes decoys for one server.

    Attributes:
        secret: At least 32 random bytes. Whoever has it can tell decoys from users; a new one changes all decoys.
        looks: What the decoys look like; `looks_of` measures those of your own users.

    Raises:
        Misconfigured: A secret that is too short, or looks that cannot be.
    """

    secret: bytes = field(repr=False)
    looks: Sequence[Look] = COMMON_LOOKS
    _wheel: tuple[Look, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what would not hide anything."""
        if not isinstance(self.secret, bytes) or len(self.secret) < _MIN_SECRET:
            raise Misconfigured(f"The secret of decoys is {_MIN_SECRET} random bytes or more: secrets.token_bytes(32).")
        wheel = tuple(look for look in self.looks for _ in range(look.weight))
        if not wheel or not all(0 < look.id_length <= _MAX_ID_LENGTH for look in wheel):
            raise Misconfigured("Decoys need at least one look with a weight and an id of 1 to 1023 bytes.")
        object.__setattr__(self, "_wheel", wheel)

    def user_handle(self, name: str) -> UserHandle:
        """The handle of a user who does not exist; the same for the same name, and nobody's.

        Args:
            name: As typed, in the form in which names are looked up (case, Unicode normalisation).
        """
        return UserHandle(self._bytes("user handle", name.encode("utf-8", "surrogatepass"), _USER_HANDLE_LENGTH))

    def fill(self, rp_id: str, user_handle: bytes, records: Iterable[CredentialRecord]) -> list[CredentialRecord]:
        """The user's records; decoys where there are none.

        Args:
            rp_id: The RP ID.
            user_handle: Of a user, or from `user_handle`.
            records: What is stored for the handle.

        Returns:
            Records to begin an authentication with. Decoys have no public key: nothing can be verified with them.
        """
        decoys = self._records(rp_id, user_handle)
        found = list(records)
        return found or decoys

    def _records(self, rp_id: str, user_handle: bytes) -> list[CredentialRecord]:
        """Always as much work, whatever the count: all decoys are made, some are kept."""
        subject = rp_id.encode("utf-8") + b"\x00" + user_handle
        count = _COUNTS[_choice(self._bytes("count", subject, _BLOCK), len(_COUNTS))]
        records = []
        for index in range(_MAX_COUNT):
            look = self._wheel[_choice(self._bytes(f"look {index}", subject, _BLOCK), len(self._wheel))]
            longest = self._bytes(f"id {index}", subject, max(each.id_length for each in self._wheel))
            records.append(
                CredentialRecord(
                    id=CredentialId(longest[: look.id_length]),
                    public_key=b"",
                    sign_count=0,
                    user_handle=UserHandle(user_handle),
                    rp_id=RpId(rp_id),
                    transports=look.transports,
                )
            )
        return records[:count]

    def _bytes(self, what: str, subject: bytes, length: int) -> bytes:
        """HMAC-SHA256 in counter mode, apart for each use."""
        blocks = range(-(-length // _BLOCK))
        label = f"unlatch decoys, {what}".encode("ascii")
        stream = b"".join(
            digest(self.secret, b"\x00".join((label, block.to_bytes(2, "big"), subject)), "sha256") for block in blocks
        )
        return stream[:length]


def looks_of(records: Iterable[CredentialRecord]) -> tuple[Look, ...]:
    """The looks of real credentials, with their weights; renew them now and then, not often: it changes all decoys.

    Args:
        records: A sample of what is stored.

    Raises:
        Misconfigured: No records.
    """
    counted: dict[tuple[int, tuple[str, ...]], int] = {}
    for record in records:
        look = (len(record.id), record.transports)
        counted[look] = counted.get(look, 0) + 1
    if not counted:
        raise Misconfigured("looks_of needs records to look at.")
    return tuple(Look(length, transports, weight) for (length, transports), weight in sorted(counted.items()))


def _choice(random: bytes, among: int) -> int:
    """A number below `among`; 256 bits leave no bias worth a name."""
    return int.from_bytes(random, "big") % among
