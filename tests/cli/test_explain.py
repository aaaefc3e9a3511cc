"""``unlatch explain``: a recording gets its verdict, as table, JSON and page; whatever is no recording, a sentence."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.recordings import recorded
from unlatch.cli.commands import unlatch
from unlatch.steps.table import STEPS

ROOT = Path(__file__).parents[2]
REFUSED = {
    "registration.challenge": "challenge_mismatch",
    "registration.origin": "origin_not_expected",
    "registration.algorithm": "algorithm_not_offered",
    "authentication.rp-id-hash": "rp_id_hash_mismatch",
    "authentication.signature": "signature_invalid",
    "authentication.sign-count": "sign_count_regressed",
}
BIDI, ESCAPE = "\u202e", "\x1b[2J"
VOID = {"meta", "path"}


def explain(recording, *arguments):
    return CliRunner().invoke(unlatch, ["explain", *arguments, "-"], input=recording)


class Page(HTMLParser):
    """Checks that every element is closed and keeps what matters."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.scopes, self.ids, self.links, self.words = [], set(), [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "srcset", "style") for name in attributes)
        self.scopes += [(tag, attributes["scope"])] if "scope" in attributes else []
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("step", REFUSED)
def test_a_refused_ceremony_is_refused_at_its_step(step):
    result = explain(recorded(step))
    assert result.exit_code == 1
    ceremony, slug = step.split(".")
    number = next(row.number for row in STEPS if row.name == step)
    assert result.output.splitlines()[-1] == f"Refused at step {number}, {slug}: {REFUSED[step]}."
    outcomes = dict(re.findall(r"^[+Xo ] {1,4}\d+ +(\S+) +(\S+)", result.output, re.MULTILINE))
    assert len(outcomes) == sum(row.ceremony == ceremony for row in STEPS)
    assert [name for name, outcome in outcomes.items() if outcome == "refused"] == [slug]


@pytest.mark.parametrize("step", ["registration.origin", "authentication.signature"])
def test_an_honest_ceremony_is_accepted(step):
    result = explain(recorded(step, honest=True))
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith("Accepted: ")
    assert "refused" not in result.output


def test_both_sides_of_the_comparison_are_shown():
    output = explain(recorded("registration.origin")).output
    row = output[output.index(" origin ") : output.index(" cross-origin ")]
    assert "expected https://example.org" in row
    assert "received " in row


def test_long_values_are_shortened_unless_asked():
    recording = recorded("authentication.signature", honest=True)
    signature = json.loads(explain(recording, "--json").output)["steps"][20]["evidence"]["received"]
    assert signature not in "".join(explain(recording).output.split())
    assert signature in "".join(explain(recording, "--full").output.split())


def test_json_is_the_verdict():
    result = explain(recorded("registration.origin"), "--json")
    assert result.exit_code == 1
    verdict = json.loads(result.output)
    assert (verdict["accepted"], verdict["step"], verdict["code"]) == (
        False,
        "registration.origin",
        "origin_not_expected",
    )
    assert len(verdict["steps"]) == 29


@pytest.mark.parametrize("step", ["registration.attestation-statement", "authentication.signature"])
@pytest.mark.parametrize("honest", [True, False])
def test_the_page_is_whole_and_alone(step, honest, tmp_path):
    file = tmp_path / "page.html"
    recording = recorded(step, honest=honest)
    assert explain(recording, "--html", str(file)).exit_code == (0 if honest else 1)
    text = file.read_text("utf-8")
    page = Page(text)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert "url(" not in text
    assert "@import" not in text
    assert [link for link in page.links if not link.startswith("#")] == [STEPS_PAGE[step.split(".")[0]]]
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    steps = [row for row in STEPS if row.ceremony == step.split(".")[0]]
    assert page.scopes.count(("th", "row")) == len(steps)
    assert page.scopes.count(("th", "col")) == 4
    assert {row.slug for row in steps} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.words.count("refused") == (1 if honest else 2)  # the legend has one


LEAST = '{"challenge": "AA", "rpId": "a.example", "origins": [], "at": "2026-11-01T12:00:00+00:00"}'
STEPS_PAGE = {row.ceremony: row.anchor for row in STEPS}


def hostile():
    """A recording whose client wrote an origin that wants to be more than text."""
    value = json.loads(recorded("registration.origin"))
    from unlatch.wire import base64url

    members = json.loads(base64url.decode(value["response"]["response"]["clientDataJSON"], ""))
    members["origin"] = f"https://<script>alert(1)</script>\"'&{ESCAPE}{BIDI}\n"
    value["response"]["response"]["clientDataJSON"] = base64url.encode(json.dumps(members).encode())
    return json.dumps(value)


def test_what_a_client_wrote_stays_text(tmp_path):
    file = tmp_path / "page.html"
    result = explain(hostile(), "--html", str(file))
    assert result.exit_code == 1
    page = file.read_text("utf-8")
    for text in (result.output, page):
        assert BIDI not in text
        assert "\x1b" not in text
        assert "\\u202e" in text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    Page(page)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "not JSON"),
        ("[]", "expected a JSON object"),
        ("{}", "recording.v"),
        ('{"v": 1, "kind": "payment", "response": {}, "expectations": {}}', "recording.kind"),
        ('{"v": 1, "kind": "registration", "response": {}, "expectations": {}}', "recording.expectations"),
        (f'{{"v": 1, "kind": "registration", "expectations": {LEAST}}}', "recording.response"),
        ('{"v": 1, "x\x1b[2J": 2}', "not JSON"),
        ('{"v": 1, "\\u001b[2J": 2}', "unknown members"),
        ("\ud800", "not valid UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_recording_gets_one_sentence(text, where):
    result = explain(text.encode("utf-8", "surrogatepass"))
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert where in line
    assert "a recording is a JSON object" in line
    assert "\x1b" not in line


def test_an_rp_id_that_cannot_be_is_named():
    value = json.loads(recorded("registration.origin"))
    value["expectations"]["rpId"] = "https://example.org"
    result = explain(json.dumps(value))
    assert result.exit_code == 1
    assert "Refused at step 1, options: ceremony_relying_party." in result.output


@pytest.mark.parametrize(
    ("ceremony", "part", "missing"),
    [
        ("registration.origin", None, '("expectations") is missing'),
        ("authentication.signature", None, '("record") is missing'),
        ("registration.origin", "clientDataJSON", "the response that it is a part of"),
        ("registration.origin", "attestationObject", "the response that it is a part of"),
        ("authentication.signature", "authenticatorData", "the response that it is a part of"),
    ],
)
def test_a_part_is_shown_with_what_is_missing(ceremony, part, missing, tmp_path):
    response = json.loads(recorded(ceremony))["response"]
    pasted = json.dumps(response) if part is None else response["response"][part]
    file = tmp_path / "part.txt"
    file.write_text(pasted)
    for source in (pasted, str(file)):
        shown = CliRunner().invoke(unlatch, ["explain", source])
        seen = CliRunner().invoke(unlatch, ["inspect", source])
        assert shown.exit_code == 2
        assert seen.output in shown.output
        assert missing in shown.stderr
    result = CliRunner().invoke(unlatch, ["explain", "--json", pasted])
    assert json.loads(result.stdout)["fields"]


def test_what_was_meant_as_a_recording_is_judged_as_one():
    value = json.loads(recorded("registration.origin"))
    result = explain(json.dumps({**value, "v": 2}))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "version 2" in result.stderr


def test_a_file_that_is_missing_or_too_large(tmp_path):
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 2_097_153)
    for path, words in ((tmp_path / "missing.json", "cannot be read"), (large, "larger than"), (tmp_path, "cannot be")):
        result = CliRunner().invoke(unlatch, ["explain", str(path)])
        assert result.exit_code == 2
        assert words in result.stderr


def test_a_page_that_cannot_be_written(tmp_path):
    result = explain(recorded("registration.origin"), "--html", str(tmp_path / "missing" / "page.html"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_the_help_shows_a_recording_that_parses():
    output = CliRunner().invoke(unlatch, ["explain", "--help"]).output
    example = output[output.index('{"v"') : output.index("An authentication")].replace("{...}", "{}")
    result = explain(example)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Refused")


def test_the_commands_of_the_guide_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "how-to" / "explain-a-ceremony.md").read_text("utf-8")
    for example in re.findall(r"```python\n(.*?)```", guide, re.DOTALL):
        exec(compile(example, "guide", "exec"), {"__name__": "guide"})
    commands = [line for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    assert len(commands) == 5
    codes = []
    for command in commands:
        _, *arguments = command.split()
        result = CliRunner().invoke(unlatch, arguments)
        codes.append(result.exit_code)
        if result.exit_code == 1 and "--json" not in arguments:
            assert result.output.splitlines()[-1] in guide
    assert codes == [1, 1, 1, 0, 0]
    assert Path("refused.html").stat().st_size > 10_000


def test_as_a_program_without_colours_in_a_pipe(tmp_path):
    file = tmp_path / "recording.json"
    file.write_text(recorded("registration.origin"), "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "unlatch.cli", "explain", str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (1, "")
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines()[-1] == "Refused at step 9, origin: origin_not_expected."


def test_the_page_does_not_replace_the_recording(tmp_path):
    file, link = tmp_path / "recording.json", tmp_path / "link"
    file.write_text(data := recorded("registration.origin"))
    link.symlink_to(file)
    for name in (file, link):
        result = CliRunner().invoke(unlatch, ["explain", str(file), "--html", str(name)])
        assert (result.exit_code, file.read_text()) == (2, data)
        assert "is the recording, which the page would replace; name another file" in result.output
