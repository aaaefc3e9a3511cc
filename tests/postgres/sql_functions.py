"""The functions of the sql backend in a database of their own, each asked about many inputs in one query."""

from __future__ import annotations

import random
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from postgres.databases import create
from signing_keys import signing_key
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS, KeyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.private import Server

ROOT = Path(__file__).parents[2]
FILES = ROOT / "src" / "unlatch" / "postgres" / "sql_backend"

#: An answer: what the call gave as JSON, or SQLSTATE, message and detail of what it raised.
Answer = dict[str, Any]

_ASK = """
CREATE FUNCTION pg_temp.ask(call text, arguments bytea[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    result jsonb;
    state text;
    message text;
    detail text;
BEGIN
    EXECUTE 'SELECT to_jsonb(' || call || ')' INTO result
        USING arguments[1], arguments[2], arguments[3], arguments[4];
    RETURN jsonb_build_object('value', result);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN jsonb_build_object('state', state, 'message', message, 'detail', detail);
END $$
"""
_EACH = """
SELECT pg_temp.ask(%s, ARRAY(SELECT decode(jsonb_array_elements_text(arguments), 'hex')))
FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS inputs (arguments, number) ORDER BY number
"""


class Functions:
    """A connection by somebody who may do nothing but call."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def ask(self, call: str, inputs: Sequence[Sequence[bytes]]) -> list[Answer]:
        """What a call with $1 to $4 answers to each list of arguments."""
        hexed = psycopg.types.json.Jsonb([[argument.hex() for argument in arguments] for arguments in inputs])
        return [row[0] for row in self.connection.execute(_EACH, [call, hexed])]

    def ask_each(self, call: str, inputs: Sequence[bytes]) -> list[Answer]:
        """As `ask`, for calls with one argument."""
        return self.ask(call, [[each] for each in inputs])


@contextmanager
def functions(server: Server) -> Iterator[Functions]:
    """The functions alone, without tables, installed by an ordinary user in a database that is only theirs."""
    with psycopg.connect(create(server, "functions"), autocommit=True) as connection:
        connection.execute("CREATE ROLE somebody; GRANT CREATE, TEMPORARY ON DATABASE functions TO somebody")
        connection.execute("SET ROLE somebody; CREATE SCHEMA webauthn")
        for file in sorted(FILES.glob("*.sql")):
            connection.execute(file.read_bytes())
        connection.execute(_ASK)
        yield Functions(connection)


def encoded_key(number: int) -> bytes:
    """A COSE_Key for an algorithm; all of RSA have the same numbers, because making them takes long."""
    source = -257 if ALGORITHMS[number].key_type == KeyType.RSA else number
    return cbor.encode({**signing_key(source).cose, 3: number})


def mutations(seeds: Sequence[bytes], *, number: int) -> list[bytes]:
    """The seeds, and inputs that are a few bytes away from one; always the same."""
    chance = random.Random(20261122)
    found = list(seeds)
    while len(found) < number:
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(6):
                case 0:
                    data[place:place] = chance.randbytes(chance.randint(1, 3))
                case 1:
                    del data[place : place + chance.randint(1, 3)]
                case 2:
                    data = data[:place]
                case 3 if place < len(data):
                    data[place] ^= 1 << chance.randrange(8)
                case 4 if place < len(data):
                    data[place] = (data[place] + chance.choice((1, -1))) % 256
                case _:
                    data[place : place + 1] = chance.choice(_TELLING)
        found.append(bytes(data))
    return found


#: Bytes at which decoders decide.
_TELLING = tuple(map(bytes.fromhex, (
    "00", "17", "1817", "1818", "19ffff", "1a00010000", "1b0000000100000000", "1bffffffffffffffff", "20", "37", "3818",
    "40", "4100", "5818", "60", "6161", "61ff", "62c3a9", "62eda0", "6100", "80", "81", "8100", "818181818181", "9f",
    "a0", "a1", "a10000", "a1f500", "a200000000", "bf", "c0", "d818", "e0", "f4", "f5", "f6", "f7", "f818", "f9",
    "f93e00", "fa3f800000", "fb3ff0000000000000", "ff", "fe",
)))  # fmt: skip


def corpus(target: str) -> list[bytes]:
    """The saved inputs of a fuzzing target."""
    return [file.read_bytes() for file in sorted((ROOT / "fuzz" / "corpus" / target).iterdir())]
