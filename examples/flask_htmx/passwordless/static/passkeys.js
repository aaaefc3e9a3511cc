// Buttons with data-passkey ask the browser for a passkey, with the options that the server wrote beside them.
import { alertWith, enable } from "./partials.js";
import { Autofill, createPasskey, explain, getPasskey, Problem } from "/unlatch.js";

/** @type {Autofill | null} */
let autofill = null;

/** Send what the browser made of a ceremony; the answer says where to go. */
async function send(path, ceremony_id, credential) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify({ ceremony_id, credential }) });
  const answer = await response.json();
  if (!answer.verified) {
    throw new Problem(response.status, "refused", answer.error);
  }
  location.assign(answer.next);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-passkey]");
  if (!button) {
    return;
  }
  const { passkey, answer, ceremony, options, again } = button.dataset;
  button.disabled = true;
  autofill?.stop();
  try {
    const make = passkey === "create" ? createPasskey : getPasskey;
    await send(answer, ceremony, await make(JSON.parse(options)));
  } catch (error) {
    const { sentence, nextStep } = explain(error, passkey);
    alertWith(`${sentence} ${nextStep}`);
    if (error instanceof Problem) {
      const link = document.createElement("a"); // a ceremony has one answer: the next try needs new options
      link.href = again;
      link.textContent = "Try again";
      button.replaceWith(link);
    }
  }
  button.disabled = false;
});

enable(document);

const form = document.querySelector("form[data-autofill]");
if (form) {
  autofill = new Autofill({
    begin: async () => (await fetch(form.dataset.autofill, { method: "POST" })).json(),
    finish: (begun, credential) => send(form.dataset.answer, begun.ceremony_id, credential),
    failed: (problem) => alertWith(problem.detail),
  });
  void autofill.start();
}
