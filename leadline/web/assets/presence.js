// Says which lead is open in this tab and what is being done with it, and shows who else is on it.
// Known is what can be seen from here: a form that is open, a box that is written in, a number that
// was pressed. Nothing of what is typed is said.
const pill = document.getElementById("here-too");
const CALL_MS = 10 * 60 * 1000;
let called = { lead: "", until: 0 };
let told = "";
const picked = new WeakSet(); // not what the browser has filled in again after a reload

function open() {
  const row = document.querySelector("[data-lead] .open form")?.closest("[data-lead]");
  return document.querySelector("#panel [data-open-lead]") ?? row ?? document.querySelector("#lead[data-open-lead]");
}

const leadOf = (scope) => scope?.dataset.openLead ?? scope?.dataset.lead ?? "";

function kind(scope) {
  const log = scope.querySelector("form.of-log");
  if (picked.has(log?.querySelector("[name=kind][value=call]:checked"))) return "call";
  if (log?.contains(document.activeElement) && log.querySelector("textarea").value.trim()) return "note";
  return scope.querySelector(".open form [name=kind]")?.value ?? "";
}

function doing(scope) {
  const written = kind(scope);
  if (written === "call" || (called.lead === leadOf(scope) && Date.now() < called.until)) return "calling";
  if (scope.querySelector("[data-edit-form]")) return "editing";
  return written ? "writing" : "looking";
}

function state() {
  const scope = open();
  return scope ? `${leadOf(scope)} ${doing(scope)}` : "";
}

function tell() {
  const now = state();
  if (now === told) return;
  told = now;
  if (now) window.htmx.trigger(pill, "leadline:doing");
  else pill.replaceChildren();
}

// Small signs in the rows of a list that is read for long.
function mark(news) {
  const signs = new Map([...news.children].map((each) => [each.dataset.of, each.firstElementChild]));
  for (const row of document.querySelectorAll("[data-lead]")) {
    const place = row.querySelector(".on-it");
    place?.replaceWith(signs.get(row.dataset.lead)?.cloneNode(true) ?? Object.assign(document.createElement("span"), { className: "on-it" }));
  }
}

// A reader hears of who and what, not of every minute.
function announce() {
  const act = pill.firstElementChild?.dataset.act ?? "";
  const voice = document.getElementById("here-said");
  if (voice.textContent !== act) voice.textContent = act;
}

if (pill) {
  pill.addEventListener("htmx:configRequest", (event) => {
    const scope = open();
    Object.assign(event.detail.parameters, { lead: leadOf(scope), doing: scope ? doing(scope) : "" });
  });
  pill.addEventListener("htmx:beforeRequest", (event) => { if (!open()) event.preventDefault(); });
  document.addEventListener("change", ({ target }) => { if (target.matches(".of-log [name=kind]")) picked.add(target); }, true);
  document.addEventListener("click", (event) => {
    const scope = open();
    if (scope?.contains(event.target) && event.target.closest("a[href^='tel:']")) called = { lead: leadOf(scope), until: Date.now() + CALL_MS };
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && /\/log$/.test(detail.requestConfig.path)) called = { lead: "", until: 0 };
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.elt === pill) announce();
    const news = detail.elt.querySelector?.("[data-signs]");
    if (news) mark(news);
  });
  for (const name of ["click", "change", "input", "focusin", "focusout", "htmx:afterSettle"]) {
    document.addEventListener(name, () => setTimeout(tell));
  }
  told = state(); // which the page says as soon as it has loaded
}
