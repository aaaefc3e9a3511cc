// The page of the guide. The server writes bytes in standard base64, the browser reads and writes base64url.
import { Autofill, createPasskey, explain, getPasskey, Problem } from "/unlatch.js";

const TIMEOUT = 60;
const url = (text) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const descriptor = (each) => ({ ...each, id: url(each.id) });

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);
const say = (text) => (element("status").textContent = text);

async function post(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) {
    throw new Problem(answer.status, "refused", await answer.text());
  }
  return answer;
}

async function register(username) {
  const { challengeID, creationOptions } = await (await post("/registration/request/", { username })).json();
  const { challenge, user, excludeCredentials, ...rest } = creationOptions.publicKey;
  const options = { ...rest, challenge: url(challenge), user: descriptor(user) };
  options.excludeCredentials = (excludeCredentials ?? []).map(descriptor);
  const credential = JSON.stringify(await createPasskey(options));
  await post("/registration/response/", { challengeID, credential, username });
}

async function begin(username) {
  const { challengeID, requestOptions } = await (await post("/authentication/request/", { username })).json();
  const { challenge, allowCredentials, ...rest } = requestOptions.publicKey;
  const options = { ...rest, challenge: url(challenge), allowCredentials: (allowCredentials ?? []).map(descriptor) };
  return { ceremony_id: challengeID, expires_in: TIMEOUT, options };
}

const finish = (begun, credential, username) =>
  post("/authentication/response/", {
    challengeID: begun.ceremony_id,
    credential: JSON.stringify(credential),
    username,
  });

async function signIn(username) {
  const begun = await begin(username);
  await finish(begun, await getPasskey(begun.options), username);
}

const autofill = new Autofill({
  begin: () => begin(""),
  finish: async (begun, credential) => {
    await finish(begun, credential, "");
    say("Success");
    await show();
  },
  failed: (problem) => say(problem.detail),
});

async function show() {
  const { username, credentials } = await (await fetch("/account/")).json();
  element("outside").hidden = username !== null;
  element("inside").hidden = username === null;
  element("who").textContent = username;
  element("passkeys").replaceChildren(...credentials.map(line));
  element("add").onclick = act("create", () => register(username));
  if (username === null) {
    void autofill.start();
  }
}

function line(id, index) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const name = `Passkey ${index + 1}`;
  button.textContent = "Remove";
  button.ariaLabel = `Remove ${name}`;
  button.onclick = act("get", () => post("/account/remove/", { id }));
  item.append(`${name} `, button);
  return item;
}

/** A click handler: one request of the browser at a time, and every outcome as a sentence. */
function act(ceremony, work) {
  return async (event) => {
    event.preventDefault(); // the form is never sent
    say("");
    try {
      await autofill.aside(work);
      say("Success");
    } catch (error) {
      const { sentence, nextStep } = explain(error, ceremony);
      say(`${sentence} ${nextStep}`);
    }
    await show();
  };
}

const username = () => element("username").value;
element("register").onclick = act("create", () => register(username()));
element("sign-in").onclick = act("get", () => signIn(username()));
element("sign-out").onclick = act("get", () => post("/sign-out/", {}));

await show();
