// @ts-check
// Calls to the JSON interface of this site.

/** What the server answered instead of doing it, as a problem document (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer.
   * @param {string} code Stable name of what went wrong.
   * @param {string} detail A sentence for the person.
   */
  constructor(status, code, detail) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/**
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
  );
}
