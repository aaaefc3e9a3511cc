// The attributes of htmx that this application uses: hx-get, hx-post, hx-target and hx-swap on forms and buttons.
// What the server answers is HTML, whatever its status, and takes the place of the target; the header HX-Redirect
// leads to another page. Buttons that need a script are written `disabled`: pressed before the scripts are here, they
// would do nothing, or send a form with its names in the address.

/** @param {Element} element */
async function ask(element) {
  const method = element.hasAttribute("hx-post") ? "post" : "get";
  const isForm = element instanceof HTMLFormElement;
  // Sent as a form, so that an empty body has a type as well.
  const body = method === "post" ? new URLSearchParams(isForm ? new FormData(element) : undefined) : undefined;
  const target = document.querySelector(element.getAttribute("hx-target") ?? ":not(*)") ?? element;
  target.setAttribute("aria-busy", "true");
  try {
    const path = element.getAttribute(`hx-${method}`);
    const response = await fetch(path, { method, body, headers: { "hx-request": "true" }, cache: "no-store" });
    const next = response.headers.get("hx-redirect");
    if (next) {
      location.assign(next);
    } else if (response.redirected) {
      location.assign(response.url); // a session that has ended: the page to sign in is no partial
    } else {
      swap(target, await response.text(), element.getAttribute("hx-swap"));
    }
  } catch {
    alertWith("The site could not be reached. Try again.");
  } finally {
    target.removeAttribute("aria-busy");
  }
}

/** Put HTML of this server into the page; scripts in it do not run. */
function swap(target, html, how) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const content = template.content;
  enable(content);
  const first = content.querySelector("[role=alert], input:not([type=hidden]), button");
  if (how === "outerHTML") {
    target.replaceWith(content);
  } else {
    target.replaceChildren(content);
  }
  if (first instanceof HTMLElement) {
    if (first.role === "alert") {
      first.tabIndex = -1; // so that the focus, whose element is gone, has somewhere to go
    }
    first.focus();
  }
}

/** @param {ParentNode} part Of the page, to whose buttons the scripts listen. */
export function enable(part) {
  for (const button of part.querySelectorAll("button:disabled")) {
    button.disabled = false;
  }
}

/** @param {string} sentence Shown above everything else, and read out. */
export function alertWith(sentence) {
  const line = document.createElement("p");
  line.role = "alert";
  line.textContent = sentence;
  document.getElementById("flash").replaceChildren(line);
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[hx-post]")) {
    event.preventDefault();
    void ask(event.target);
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[hx-get], button[hx-post]");
  if (button) {
    void ask(button);
  }
});
