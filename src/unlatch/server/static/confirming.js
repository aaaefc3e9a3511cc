// @ts-check
// Passkeys are added and removed shortly after a sign-in. Where it is too long ago, the page asks for one more.

import { call, getPasskey, Problem } from "./unlatch.js";

/**
 * Do something, after a sign-in to the same account if the server wants one.
 *
 * @template T
 * @param {{userId: string, say: (message: import("./errors.js").Message) => void}} page Whose it is, and where it speaks.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function confirmed({ userId, say }, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "confirmation_needed") {
      throw error;
    }
  }
  try {
    const begun = await call("POST", "/v1/authentication/options", {});
    say({ tone: "info", text: "Confirm that it is you.", step: "Use a passkey that you have for this account." });
    const credential = await getPasskey(begun.options);
    // Before it signs in: another account must not take the place of this one unnoticed.
    if (credential.response.userHandle !== userId) {
      throw new OtherAccount();
    }
    await call("POST", "/v1/authentication/verify", { ceremony_id: begun.ceremony_id, credential });
  } catch (error) {
    throw new NotConfirmed(error);
  }
  return work();
}

/** What went wrong while somebody confirmed is its `cause`. */
export class NotConfirmed extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("not confirmed", { cause });
  }
}

/** Somebody confirmed with the passkey of another account. */
export class OtherAccount extends Error {}
