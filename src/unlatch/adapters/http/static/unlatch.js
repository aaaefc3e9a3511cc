// @ts-check
// Passkeys in a page: navigator.credentials with JSON on both sides, in browsers with and without the functions of
// WebAuthn Level 3; what browsers refuse, as a sentence; and the routes of an unlatch door.
//
//   import { Passkeys } from "/webauthn/unlatch.js";
//   const passkeys = new Passkeys("/webauthn");
//   button.onclick = () => passkeys.signIn().then(() => location.assign("/"), (error) => show(explain(error, "get")));

/**
 * @typedef {"create" | "get"} Ceremony
 * @typedef {{code: string, sentence: string, nextStep: string, silent: boolean, fault: boolean}} Advice
 *   What to tell somebody. `silent`: better not said, the person or the page itself stopped it. `fault`: of the site.
 * @typedef {{method: string, arguments: any}} Signal One call of the Signal API.
 * @typedef {{ceremony_id: string, expires_in: number, options: any}} Begun What a door answers to a begin.
 * @typedef {{mediation?: CredentialMediationRequirement, signal?: AbortSignal}} How
 * @typedef {{id: string, name: string, provider: string | null, synced: boolean, can_sync: boolean | null,
 *   transports: string[], created_at: string | null, last_used_at: string | null, current: boolean}} Passkey
 */

/** @returns {boolean} Whether this browser knows passkeys at all (and the page is in a secure context). */
export function isSupported() {
  return typeof window.PublicKeyCredential === "function" && Boolean(navigator.credentials?.create);
}

/** Throws what `explain` calls `UNSUPPORTED`, where a browser knows no passkeys. */
function expectSupport() {
  if (!isSupported()) {
    throw Object.assign(new Error(UNSUPPORTED.sentence), { name: "Unsupported" });
  }
}

/** @returns {Promise<boolean>} Whether passkeys can be offered by autofill. */
export async function canAutofill() {
  if (!isSupported() || !PublicKeyCredential.isConditionalMediationAvailable) {
    return false;
  }
  return PublicKeyCredential.isConditionalMediationAvailable().catch(() => false);
}

/** @returns {Promise<boolean>} Whether this device itself can make a passkey and verify who uses it. */
export async function hasPlatformAuthenticator() {
  if (!isSupported()) {
    return false;
  }
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

/** @returns {Promise<Record<string, boolean>>} What the browser says that it can do; a name left out is unknown. */
export async function capabilities() {
  /** @type {any} */
  const api = window.PublicKeyCredential;
  return (await api?.getClientCapabilities?.().catch(() => ({}))) ?? {};
}

/**
 * Make a passkey.
 *
 * @param {any} options PublicKeyCredentialCreationOptionsJSON
 * @param {How} how
 * @returns {Promise<any>} RegistrationResponseJSON
 */
export async function createPasskey(options, how = {}) {
  expectSupport();
  /** @type {any} */
  const asked = { publicKey: creationOptions(options), ...how };
  return toJson(await navigator.credentials.create(asked));
}

/**
 * Use a passkey.
 *
 * @param {any} options PublicKeyCredentialRequestOptionsJSON
 * @param {How} how
 * @returns {Promise<any>} AuthenticationResponseJSON
 */
export async function getPasskey(options, how = {}) {
  expectSupport();
  return toJson(await navigator.credentials.get({ publicKey: requestOptions(options), ...how }));
}

/**
 * Tell passkey managers something, where the browser can. Nothing comes back, and nothing is thrown.
 *
 * @param {Signal} signal
 */
export async function tell(signal) {
  /** @type {any} */
  const api = window.PublicKeyCredential;
  if (signal.method.startsWith("signal") && typeof api?.[signal.method] === "function") {
    await api[signal.method](signal.arguments).catch(() => undefined);
  }
}

/**
 * Tell passkey managers that a passkey opens nothing. Say it only of a passkey for which the server said so.
 *
 * @param {string} rpId
 * @param {string} credentialId
 */
export function tellUnknown(rpId, credentialId) {
  return tell({ method: "signalUnknownCredential", arguments: { rpId, credentialId } });
}

/** What the server answered instead of doing it, as a problem document (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer.
   * @param {string} code Stable name of what went wrong.
   * @param {string} detail A sentence for the person.
   * @param {Signal} [signal] What passkey managers may be told.
   */
  constructor(status, code, detail, signal) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.signal = signal;
  }
}

/**
 * Call a JSON interface of this site.
 *
 * @param {string} method
 * @param {string} path
 * @param {object} [body] Sent as JSON.
 * @returns {Promise<any>} The JSON of the answer; undefined where there is none.
 * @throws {Problem}
 */
export async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, "network", "The site could not be reached.");
  }
  if (response.status === 204) {
    return undefined;
  }
  const value = await response.json().catch(() => null);
  if (response.ok && value !== null) {
    return value;
  }
  throw new Problem(
    response.status,
    typeof value?.code === "string" ? value.code : "unknown",
    typeof value?.detail === "string" ? value.detail : "The site gave an answer that makes no sense.",
    value?.signal,
  );
}

/** Offers passkeys in the field with ``autocomplete="username webauthn"`` until one is chosen. */
export class Autofill {
  /** Ends the waiting request; null when none waits. @type {AbortController | null} */
  #waiting = null;
  /** How much is under way that asks for a passkey itself. */
  #asides = 0;
  /** Ends when the request for options does, if one is under way. @type {Promise<unknown>} */
  #beginning = Promise.resolve();

  /**
   * @param {{begin: () => Promise<Begun>, finish: (begun: Begun, credential: any) => Promise<void>,
   *   failed: (error: Problem) => void}} work `failed` is told when a passkey was chosen and refused.
   */
  constructor(work) {
    this.work = work;
  }

  /** Begin to wait, where the browser can; each challenge is renewed before it expires. */
  async start() {
    const can = await canAutofill();
    if (!can || this.#waiting !== null || this.#asides > 0) {
      return;
    }
    const controller = new AbortController();
    this.#waiting = controller;
    let again = false;
    let timer = 0;
    try {
      const beginning = this.work.begin();
      this.#beginning = beginning.catch(() => undefined);
      const begun = await beginning;
      const ends = Date.now() + begun.expires_in * 1000;
      timer = window.setTimeout(() => controller.abort(), begun.expires_in * 800);
      const credential = await getPasskey(begun.options, { mediation: "conditional", signal: controller.signal });
      clearTimeout(timer);
      // A device that slept wakes up with a challenge that is over: ask with a new one.
      again = Date.now() >= ends;
      if (!again) {
        await this.work.finish(begun, credential);
      }
    } catch (error) {
      // Nobody asked for this request, so nobody is told when it ends; a passkey that was chosen and refused is another
      // matter.
      if (error instanceof Problem && error.code !== "network") {
        this.work.failed(error);
      }
      again = controller.signal.aborted;
    }
    clearTimeout(timer);
    if (this.#waiting === controller) {
      this.#waiting = null;
      if (again) {
        void this.start();
      }
    }
  }

  /**
   * Do what asks for a passkey itself: browsers allow one request at a time, so nothing waits until it is done. It does
   * not begin to wait again by itself.
   *
   * @template T @param {() => Promise<T>} work @returns {Promise<T>} What `work` returns.
   */
  async aside(work) {
    this.stop();
    this.#asides += 1;
    try {
      // An answer that comes late would bring back the session cookie of before.
      await this.#beginning;
      return await work();
    } finally {
      this.#asides -= 1;
    }
  }

  /** Stop waiting. */
  stop() {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.abort();
  }
}

/** The routes of an unlatch door. Every method throws a `Problem`, or what the browser threw: see `explain`. */
export class Passkeys {
  #signedIn = (/** @type {any} */ _answer) => {};
  #failed = (/** @type {Problem} */ _error) => {};
  #autofill = new Autofill({
    begin: () => this.#post("/authentication/options", { mediation: "conditional" }),
    finish: async (begun, credential) => this.#signedIn(await this.#finishSignIn(begun, credential)),
    failed: (error) => this.#failed(error),
  });

  /** @param {string} base Where the routes are. */
  constructor(base = "/webauthn") {
    this.base = base;
  }

  /** @param {string} username @param {string} [displayName] Make an account, with its first passkey, and sign in. */
  async signUp(username, displayName) {
    return this.#create({ username, display_name: displayName });
  }

  /** Add a passkey to the account that is signed in; asks for a confirmation where one is needed. */
  async add() {
    return this.#create({});
  }

  /**
   * Make a passkey without a dialog, where browser and passkey manager can, after a sign-in by other means.
   *
   * @param {{seconds?: number}} how `seconds`: how long to wait; meanwhile no other request is possible.
   * @returns {Promise<boolean>} Whether one was made.
   */
  async addSilently({ seconds = 10 } = {}) {
    if (!(await capabilities()).conditionalCreate) {
      return false;
    }
    try {
      await this.#create({ mediation: "conditional" }, AbortSignal.timeout(seconds * 1000));
      return true;
    } catch {
      return false;
    }
  }

  /** @param {{username?: string, secondFactor?: boolean}} who Sign in; nothing given, the passkey tells whose it is. */
  async signIn({ username, secondFactor = false } = {}) {
    return this.#autofill.aside(async () => {
      const factor = secondFactor ? "second" : undefined;
      const begun = await this.#post("/authentication/options", { username, factor });
      return this.#finishSignIn(begun, await getPasskey(begun.options), factor);
    });
  }

  /**
   * Offer passkeys in the field with ``autocomplete="username webauthn"``.
   *
   * @param {(answer: any) => void} signedIn Called when one was chosen and accepted.
   * @param {(error: Problem) => void} [failed] Called when one was chosen and refused.
   */
  async autofill(signedIn, failed = () => undefined) {
    this.#signedIn = signedIn;
    this.#failed = failed;
    await this.#autofill.start();
  }

  /** @param {string} [purpose] Confirm something with a passkey of the account that is signed in. */
  async confirm(purpose) {
    return this.#autofill.aside(async () => {
      const begun = await this.#post("/step-up/options", { purpose });
      const credential = await getPasskey(begun.options);
      return this.#post("/step-up/verify", { ceremony_id: begun.ceremony_id, credential, purpose });
    });
  }

  /** @returns {Promise<Passkey[]>} The passkeys of the account; passkey managers are told of them too. */
  async list() {
    const { passkeys, signals } = await call("GET", `${this.base}/passkeys`);
    await Promise.all(signals.map(tell));
    return passkeys;
  }

  /** @param {string} id @param {string} name @returns {Promise<Passkey>} */
  async rename(id, name) {
    return call("PATCH", `${this.base}/passkeys/${id}`, { name });
  }

  /** @param {string} id @param {{last?: boolean}} how `last`: the person knows that it is the last one. */
  async remove(id, { last = false } = {}) {
    await this.#confirmed(() => call("DELETE", `${this.base}/passkeys/${id}${last ? "?confirm_last=true" : ""}`));
    await this.list();
  }

  /** @returns {Promise<{username: string, display_name: string} | null>} Who is signed in. */
  async user() {
    return (await call("GET", `${this.base}/session`)).user;
  }

  async signOut() {
    await this.#post("/session/logout", {});
  }

  /** @param {string} path @param {object} body */
  #post(path, body) {
    return call("POST", this.base + path, body);
  }

  /**
   * @param {{username?: string, display_name?: string, mediation?: "conditional"}} asked
   * @param {AbortSignal} [signal]
   */
  async #create(asked, signal) {
    return this.#autofill.aside(async () => {
      const begin = () => this.#post("/registration/options", asked);
      // What is made without a dialog must not open the one of a confirmation.
      const begun = await (asked.mediation ? begin() : this.#confirmed(begin));
      const credential = await createPasskey(begun.options, { mediation: asked.mediation, signal });
      try {
        return await this.#post("/registration/verify", { ceremony_id: begun.ceremony_id, credential });
      } catch (error) {
        if (error instanceof Problem && isRefusal(error)) {
          await tellUnknown(begun.options.rp.id, credential.id);
        }
        throw error;
      }
    });
  }

  /** @param {Begun} begun @param {any} credential @param {string} [factor] */
  async #finishSignIn(begun, credential, factor) {
    try {
      return await this.#post("/authentication/verify", { ceremony_id: begun.ceremony_id, credential, factor });
    } catch (error) {
      if (error instanceof Problem && error.signal) {
        await tell(error.signal);
      }
      throw error;
    }
  }

  /**
   * Do something, after a confirmation if one is needed.
   *
   * @template T @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async #confirmed(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "confirmation_needed") {
        throw error;
      }
    }
    await this.confirm();
    return work();
  }
}

/**
 * @param {Problem} problem What came back after a passkey was made.
 * @returns {boolean} Whether the passkey opens nothing: refused for good, and not because it is known already.
 */
export function isRefusal(problem) {
  return problem.status >= 400 && problem.status < 500 && problem.code !== "credential_already_registered";
}

/**
 * @param {unknown} error What was caught.
 * @param {Ceremony} ceremony What the browser was asked to do.
 * @returns {Advice}
 */
export function explain(error, ceremony) {
  if (error instanceof Problem) {
    return advice(error.code, error.detail, "");
  }
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return ADVICE[ceremony][name] ?? BOTH[name] ?? UNKNOWN;
}

/**
 * @param {string} code @param {string} sentence @param {string} nextStep
 * @param {{silent?: boolean, fault?: boolean}} [how]
 * @returns {Advice}
 */
function advice(code, sentence, nextStep, { silent = false, fault = false } = {}) {
  return { code, sentence, nextStep, silent, fault };
}

/** What to tell somebody whose browser does not know passkeys. */
export const UNSUPPORTED = advice(
  "unsupported",
  "This browser cannot use passkeys.",
  "Open this page in a current version of Chrome, Edge, Firefox or Safari.",
);

const UNKNOWN = advice("unknown", "Your browser could not do that.", "Try again, or use another browser or device.");

/** @type {Record<string, Advice>} What browsers call their refusals (WebAuthn 5.1.3 and 5.1.4). */
const BOTH = {
  Unsupported: UNSUPPORTED,
  AbortError: advice("stopped", "The dialog was ended.", "Try again when you are ready.", { silent: true }),
  SecurityError: advice(
    "wrong_site",
    "Your browser does not allow passkeys at this address.",
    "Check the address of this page: it must be the site's own, with https.",
    { fault: true },
  ),
  NotSupportedError: advice(
    "not_supported",
    "This device or security key is too old for passkeys.",
    "Choose another device, or a password manager that keeps passkeys.",
  ),
  TypeError: advice(
    "page_fault",
    "This page asked your browser for something impossible.",
    "Reload the page and try again.",
    { fault: true },
  ),
  EncodingError: advice(
    "page_fault",
    "This page asked your browser for something impossible.",
    "Reload the page and try again.",
    { fault: true },
  ),
  SyntaxError: advice(
    "page_fault",
    "This page asked your browser for something impossible.",
    "Reload the page and try again.",
    { fault: true },
  ),
  UnknownError: advice(
    "authenticator_fault",
    "Your device or security key reported a problem.",
    "Try again, or use another device or security key.",
  ),
  TimeoutError: advice("timed_out", "It took too long.", "Try again; you have a few minutes."),
};

/** @type {Record<Ceremony, Record<string, Advice>>} Where it matters what the browser was asked for. */
const ADVICE = {
  create: {
    NotAllowedError: advice(
      "not_registered",
      "No passkey was made.",
      "The dialog was closed, or it took too long. Nothing has changed: try again when you are ready.",
    ),
    InvalidStateError: advice(
      "already_registered",
      "This device already holds a passkey for this account.",
      "You can use it to sign in. To add another one, choose another device or a security key.",
    ),
    ConstraintError: advice(
      "not_capable",
      "This device cannot make the kind of passkey that is needed here.",
      "Set up a screen lock or a PIN for it, or choose another device.",
    ),
    OptOutError: advice(
      "opted_out",
      "You chose not to make a passkey.",
      "You can add one later in your account.",
      { silent: true },
    ),
  },
  get: {
    NotAllowedError: advice(
      "not_signed_in",
      "No passkey was used.",
      "The dialog was closed, or it took too long. Try again, or use the device that holds your passkey.",
    ),
    InvalidStateError: advice(
      "busy",
      "Your browser is busy with another passkey dialog.",
      "Close the other dialog or tab, then try again.",
    ),
    ConstraintError: advice(
      "not_capable",
      "This device cannot confirm that it is you.",
      "Set up a screen lock or a PIN for it, or choose another device.",
    ),
    OptOutError: advice(
      "opted_out",
      "You chose another way to sign in.",
      "Choose how you want to sign in.",
      { silent: true },
    ),
  },
};

/** @param {string} text @returns {ArrayBuffer} */
function decode(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
}

/** @param {ArrayBuffer} buffer @returns {string} */
function encode(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {any} options @returns {PublicKeyCredentialCreationOptions} */
function creationOptions(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  }
  return {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
    extensions: extensionInputs(options.extensions),
  };
}

/** @param {any} options @returns {PublicKeyCredentialRequestOptions} */
function requestOptions(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  }
  return {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(descriptor),
    extensions: extensionInputs(options.extensions),
  };
}

/** @param {any} credential */
function descriptor(credential) {
  return { ...credential, id: decode(credential.id) };
}

/** @param {any} inputs The two extensions whose inputs hold bytes are written as bytes. */
function extensionInputs(inputs) {
  if (!inputs?.prf && !inputs?.largeBlob?.write) {
    return inputs;
  }
  /** @param {any} values */
  const bytes = (values) =>
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
  const { prf, largeBlob } = inputs;
  const byCredential = prf?.evalByCredential && Object.entries(prf.evalByCredential);
  return {
    ...inputs,
    ...(prf && {
      prf: {
        ...(prf.eval && { eval: bytes(prf.eval) }),
        ...(byCredential && {
          evalByCredential: Object.fromEntries(
            byCredential.map((/** @type {any} */ [id, values]) => [id, bytes(values)]),
          ),
        }),
      },
    }),
    ...(largeBlob?.write && { largeBlob: { ...largeBlob, write: decode(largeBlob.write) } }),
  };
}

/** @param {any} value @returns {any} With bytes as base64url. */
function withText(value) {
  if (value instanceof ArrayBuffer) {
    return encode(value);
  }
  if (ArrayBuffer.isView(value)) {
    return encode(Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)).buffer);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withText(each)]));
}

/** @param {any} credential @returns {any} RegistrationResponseJSON or AuthenticationResponseJSON. */
function toJson(credential) {
  try {
    return credential.toJSON();
  } catch {
    // No toJSON, or one that a password manager's extension broke.
    return {
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: withText(credential.getClientExtensionResults()),
      response: responseToJson(credential.response),
    };
  }
}

/** @param {any} response */
function responseToJson(response) {
  const clientDataJSON = encode(response.clientDataJSON);
  if (response.attestationObject) {
    return {
      clientDataJSON,
      attestationObject: encode(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    };
  }
  return {
    clientDataJSON,
    authenticatorData: encode(response.authenticatorData),
    signature: encode(response.signature),
    userHandle: response.userHandle ? encode(response.userHandle) : undefined,
  };
}
