async function post(path, username, body) {
  const answer = await fetch(`${path}?username=${encodeURIComponent(username)}`, { method: "POST", body });
  if (!answer.ok) throw new Error(`The server said ${answer.status}.`);
  return answer;
}

async function run(ceremony, username) {
  const options = await (await post(`/${ceremony}/start`, username)).json();
  const credential =
    ceremony === "register"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  await post(`/${ceremony}/finish`, username, JSON.stringify(credential));
}

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = document.querySelector("[role=status]");
  status.textContent = "";
  try {
    await run(event.submitter.value, new FormData(event.target).get("username"));
    status.textContent = "Success";
  } catch (error) {
    status.textContent = error.message;
  }
});
