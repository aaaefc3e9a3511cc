"""A site in this process, whose units of work and database rows a test has at hand."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import text

from unlatch.adapters.http.passkey import passkey_id
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.managing import remove_passkey
from unlatch.server.migrate import upgrade
from unlatch.server.registering import begin_adding, begin_sign_up, finish_adding, finish_sign_up
from unlatch.server.sessions import find_session
from unlatch.server.signing_in import SignIn, begin_sign_in
from unlatch.server.site import Site
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator


class House:
    """A site in this process, with one account."""

    def __init__(self, settings):
        upgrade(open_database(settings))
        self.engine = open_database(settings)
        self.database = Database(open_database(settings), is_shared=True)
        self.site = Site.of(settings, self.database)
        self.browser = EmulatedBrowser(settings.origins[0], SoftwareAuthenticator())
        begun = self.write(lambda c: begin_sign_up(self.site.desk(), c, username="ada", display_name=None, binding="b"))
        finish = {"ceremony_id": begun.id, "credential": self.browser.create(begun.options.to_json()), "binding": "b"}
        _, self.made, _ = self.write(lambda c: finish_sign_up(self.site.desk(), c, **finish))
        self.rows("DELETE FROM sessions")
        self.rows("DELETE FROM unlatch_ceremony_uses")

    def write(self, work):
        return asyncio.run(self.database.write(work))

    def session(self, browser=None):
        """A session that this browser opens."""
        return self.session_of(self.sign_in(self.answer(browser))[1])

    def session_of(self, token):
        find = partial(find_session, token=token, now=self.site.desk().now, settings=self.site.settings)
        return asyncio.run(self.database.read(find))

    def begin_adding(self, session):
        """Another browser, whose passkeys do not count, and what it sends to finish."""
        browser = EmulatedBrowser(self.site.settings.origins[0], SoftwareAuthenticator(counter=None))
        begun = self.write(partial(begin_adding, self.site.desk(), session=session))
        return browser, {"ceremony_id": begun.id, "credential": browser.create(begun.options.to_json())}

    def add(self, session):
        """Another browser whose passkey this session has added, and the passkey's id."""
        browser, answer = self.begin_adding(session)
        added = self.write(partial(finish_adding, self.site.desk(), session=session, **answer))
        return browser, passkey_id(added.record.id)

    def removing(self, session, passkey, *, confirm_last=False):
        """The unit of work that removes a passkey."""
        now = self.site.desk().now
        return partial(remove_passkey, session=session, passkey_id=passkey, confirm_last=confirm_last, now=now)

    def answer(self, browser=None):
        """What a browser sends to finish a sign-in."""
        begun = begin_sign_in(self.site.desk(), self.site.keeping.put, mediation=None, binding="b")
        credential = (browser or self.browser).get(begun.options.to_json())
        return {"ceremony_id": begun.id, "credential": credential, "binding": "b", "former_token": None}

    def sign_in(self, answer, meanwhile=lambda: None):
        sign_in = SignIn(self.site.desk(), **answer)

        def before(connection):
            found = sign_in.before(connection)
            meanwhile()
            return found

        return asyncio.run(self.database.write(sign_in.within, before=before))

    def sign_in_while(self, change, **values):
        """Sign in while somebody else changes the same record, who is a little faster."""
        answer = self.answer()
        if self.engine.dialect.name == "sqlite":
            self.sign_in(answer, meanwhile=lambda: self.rows(change, **values))
        else:
            self.while_somebody(change, lambda: self.sign_in(answer), **values)
        return answer

    def while_somebody(self, change, work, **values):
        """Work that has to wait for somebody else's change."""
        with ThreadPoolExecutor(1) as pool:
            with self.engine.begin() as connection:
                for statement in change.split(";"):
                    connection.execute(text(statement), values)
                waits = pool.submit(work)
                self.wait_for_a_lock()
            return waits.result()

    def wait_for_a_lock(self):
        waits = {
            "postgresql": "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
            # The table of transactions would be another way; who asks for it all the time gets what it was before.
            "mariadb": """SELECT 1 FROM information_schema.global_status
                          WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS' AND variable_value > 0""",
        }
        deadline = time.monotonic() + 60
        while not self.rows(waits[self.engine.dialect.name]):
            assert time.monotonic() < deadline, "nobody waits for the row"

    def rows(self, statements, **values):
        with self.engine.begin() as connection:
            for statement in statements.split(";"):
                found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def left(self):
        """Sessions, uses, and the counter."""
        counts = "(SELECT count(*) FROM sessions), (SELECT count(*) FROM unlatch_ceremony_uses)"
        return self.rows(f"SELECT {counts}, (SELECT max(sign_count) FROM unlatch_credentials)")[0]
