// The page of the guide. The server writes bytes in standard base64; the browser's toJSON() writes base64url.

const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const withBytes = (descriptor) => ({ ...descriptor, id: bytes(descriptor.id) });

async function post(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

async function register(username) {
  const { challengeID, creationOptions } = await (await post("/registration/request/", { username })).json();
  const options = creationOptions.publicKey;
  const publicKey = { ...options, challenge: bytes(options.challenge), user: withBytes(options.user) };
  const credential = JSON.stringify(await navigator.credentials.create({ publicKey }));
  return (await post("/registration/response/", { challengeID, credential, username })).text();
}

async function signIn(username) {
  const { challengeID, requestOptions } = await (await post("/authentication/request/", { username })).json();
  const options = requestOptions.publicKey;
  const allowCredentials = options.allowCredentials.map(withBytes);
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials };
  const credential = JSON.stringify(await navigator.credentials.get({ publicKey }));
  return (await post("/authentication/response/", { challengeID, credential, username })).text();
}

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = document.querySelector("[role=status]");
  const ceremony = event.submitter.value === "registration" ? register : signIn;
  status.textContent = "";
  try {
    status.textContent = await ceremony(new FormData(event.target).get("username"));
  } catch (error) {
    status.textContent = error.message;
  }
});
