// @ts-check
// navigator.credentials with JSON on both sides, in browsers with and without the JSON functions of WebAuthn Level 3.

/** @param {string} text @returns {ArrayBuffer} */
function decode(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return bytes.buffer;
}

/** @param {ArrayBuffer} buffer @returns {string} */
function encode(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @returns {boolean} Whether this browser knows passkeys at all (and the page is in a secure context). */
export function isSupported() {
  return typeof window.PublicKeyCredential === "function" && Boolean(navigator.credentials?.create);
}

/** @returns {Promise<boolean>} Whether passkeys can be offered by autofill. */
export async function canAutofill() {
  if (!isSupported() || !PublicKeyCredential.isConditionalMediationAvailable) {
    return false;
  }
  return PublicKeyCredential.isConditionalMediationAvailable().catch(() => false);
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
    excludeCredentials: options.excludeCredentials.map(descriptor),
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
    allowCredentials: options.allowCredentials.map(descriptor),
  };
}

/** @param {any} credential */
function descriptor(credential) {
  return { ...credential, id: decode(credential.id) };
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
      clientExtensionResults: credential.getClientExtensionResults(),
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

/**
 * Make a passkey.
 *
 * @param {any} options PublicKeyCredentialCreationOptionsJSON
 * @returns {Promise<any>} RegistrationResponseJSON
 */
export async function createPasskey(options) {
  return toJson(await navigator.credentials.create({ publicKey: creationOptions(options) }));
}

/**
 * Use a passkey.
 *
 * @param {any} options PublicKeyCredentialRequestOptionsJSON
 * @param {{mediation?: CredentialMediationRequirement, signal?: AbortSignal}} how
 * @returns {Promise<any>} AuthenticationResponseJSON
 */
export async function getPasskey(options, { mediation, signal } = {}) {
  return toJson(await navigator.credentials.get({ publicKey: requestOptions(options), mediation, signal }));
}

/**
 * Tell password managers that a passkey opens nothing. Say it only of a passkey for which the server said so.
 *
 * @param {string} rpId
 * @param {string} credentialId
 */
export async function signalUnknown(rpId, credentialId) {
  // @ts-ignore - newer than the type definitions
  await PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => undefined);
}

/**
 * Tell password managers which passkeys of this account exist, and what it is called. The list must be complete: they
 * may delete what is missing.
 *
 * @param {{rp_id: string, user_id: string, name: string, display_name: string, credential_ids: string[]}} signals
 */
export async function signalAccount(signals) {
  if (!isSupported()) {
    return;
  }
  const { rp_id: rpId, user_id: userId, name, display_name: displayName } = signals;
  /** @type {any} */
  const api = PublicKeyCredential;
  await api
    .signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds: signals.credential_ids })
    .catch(() => undefined);
  await api.signalCurrentUserDetails?.({ rpId, userId, name, displayName }).catch(() => undefined);
}
