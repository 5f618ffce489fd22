// A request that failed says so, what was typed stays, and Retry sends the very same again. Every
// write carries a key, and keeps it until it is answered, so that the server does nothing twice
// when it was only the answer that got lost.
const KEY = "Idempotency-Key";
const SECONDS = "30";
const unanswered = new WeakMap(); // what sent something → { key, said }
const toasts = document.getElementById("toasts");

// Not crypto.randomUUID, which exists under HTTPS only.
const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const inWords = ({ path, formData }) => JSON.stringify([path, ...[...formData].map(([name, value]) => [name, value.name ?? value])]);
const mayHelp = (status) => !status || status === 408 || status === 429 || status >= 500;
const isSaidElsewhere = (status) => status === 401 || status === 422;

document.addEventListener("htmx:configRequest", ({ detail: asked }) => {
  if (asked.verb === "get") return;
  const before = unanswered.get(asked.elt);
  const said = inWords(asked);
  asked.headers[KEY] ??= before?.said === said ? before.key : fresh();
  unanswered.set(asked.elt, { key: asked.headers[KEY], said });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!mayHelp(detail.xhr.status)) unanswered.delete(detail.requestConfig.elt);
});

// What sent it may have left the page meanwhile: then only the toast of the answer is shown.
function again({ requestConfig: was, target, etc, select }) {
  const isThere = was.elt.isConnected && target.isConnected;
  const where = isThere ? { source: was.elt, target, swap: etc.swapOverride, select } : { source: toasts, target: toasts, swap: "none" };
  const headers = was.headers[KEY] ? { [KEY]: was.headers[KEY] } : {};
  window.htmx.ajax(was.verb, was.path, { ...where, headers, values: was.formData });
}

function retry(detail, toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = document.body.dataset.retry;
  button.addEventListener("click", () => {
    toast.remove();
    again(detail);
  });
  // What is changed from now on is another thing to send.
  detail.requestConfig.elt.addEventListener("input", () => toast.remove(), { once: true });
  return button;
}

function tell({ detail }) {
  const status = detail.xhr.status;
  if (!toasts || isSaidElsewhere(status) || detail.requestConfig.elt.matches("[data-quiet]")) return;
  const toast = document.createElement("div");
  toast.className = "toast plain bad";
  toast.dataset.toast = "";
  toast.append(document.body.dataset[status ? "failed" : "unheard"]);
  if (mayHelp(status)) {
    toast.classList.remove("plain");
    toast.dataset.seconds = SECONDS;
    toast.append(retry(detail, toast));
  }
  toasts.append(toast);
}
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, tell);
