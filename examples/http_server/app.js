import { Autofill, createPasskey, explain, getPasskey, Problem } from "/unlatch.js";

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);
const say = (text) => (element("status").textContent = text);

async function post(path, fields = {}, body = "") {
  const answer = await fetch(`${path}?${new URLSearchParams(fields)}`, { method: "POST", body });
  if (!answer.ok) {
    throw new Problem(answer.status, "refused", `The server said ${answer.status}.`);
  }
  return answer;
}

const begin = async (ceremony, fields) => (await post(`/${ceremony}/start`, fields)).json();
const finish = (ceremony, credential, fields) => post(`/${ceremony}/finish`, fields, JSON.stringify(credential));

async function register(username) {
  const options = await begin("register", { username });
  await finish("register", await createPasskey(options), { username });
}

async function signIn(username) {
  const options = await begin("authenticate", { username });
  await finish("authenticate", await getPasskey(options), { username });
}

const autofill = new Autofill({
  begin: async () => {
    const options = await begin("autofill");
    return { ceremony_id: "", expires_in: options.timeout / 1000, options };
  },
  finish: async (begun, credential) => {
    await finish("autofill", credential);
    say("You are signed in.");
    await show();
  },
  failed: (problem) => say(problem.detail),
});

async function show() {
  const { username, passkeys } = await (await fetch("/account")).json();
  element("outside").hidden = username !== null;
  element("inside").hidden = username === null;
  element("who").textContent = username;
  element("passkeys").replaceChildren(...passkeys.map(line));
  element("add").onclick = act("create", () => register(username), "The passkey was added.");
  if (username === null) {
    void autofill.start();
  }
}

function line(passkey, index) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const name = `Passkey ${index + 1}`;
  button.textContent = "Remove";
  button.ariaLabel = `Remove ${name}`;
  button.onclick = act("get", () => post("/remove", { passkey }), `${name} was removed.`);
  item.append(`${name} `, button);
  return item;
}

/** A click handler: one request of the browser at a time, and every outcome as a sentence. */
function act(ceremony, work, done) {
  return async (event) => {
    event.preventDefault(); // the form is never sent
    say("");
    try {
      await autofill.aside(work);
      say(done);
    } catch (error) {
      const { sentence, nextStep } = explain(error, ceremony);
      say(`${sentence} ${nextStep}`);
    }
    await show();
  };
}

const username = () => element("username").value.trim();
element("register").onclick = act("create", () => register(username()), "Your account is ready.");
element("sign-in").onclick = act("get", () => signIn(username()), "You are signed in.");
element("sign-out").onclick = act("get", () => post("/sign-out"), "You are signed out.");

await show();
