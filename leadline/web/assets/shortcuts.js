// One letter per verb, the same in Today, in lists, in the panel and on the lead's page.
import { here, move } from "./rows.js";
import { close, toggle } from "./peek.js";

const VERBS = new Set(["c", "l", "m", "n", "t", "z", "a", "d", "f", "x"]);
const PLACES = { t: "/today", l: "/leads", c: "/companies", f: "/capture", s: "/scoring", ",": "/settings" };
let isGoing = false;

const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");

// The nearest button of the verb: in the panel, in the row in hand, or on the page.
export function act(verb) {
  const scopes = [document.getElementById("panel"), here(), document.getElementById("content"), document.querySelector("header.top")];
  for (const scope of scopes) {
    const button = scope?.querySelector(`[data-verb="${verb}"]`);
    if (button) return button.click(), true;
  }
  return false;
}

function pressed(key) {
  if (isGoing) {
    isGoing = false;
    if (PLACES[key]) location.assign(PLACES[key]);
    return Boolean(PLACES[key]);
  }
  if (key === "g") {
    isGoing = true;
    setTimeout(() => { isGoing = false; }, 1200);
    return true;
  }
  if (key === "j") return move(1), true;
  if (key === "k") return move(-1), true;
  if (key === "?") return document.getElementById("help")?.showModal(), true;
  if (key === "/") return focusSearch();
  if (key === "s") return focusStage();
  if (key === "Escape") return close();
  if (VERBS.has(key)) return act(key);
  return false;
}

// The stage is chosen among several: its key leads there, Tab and Enter do the rest.
function focusStage() {
  const step = document.querySelector(".path button[aria-current]") ?? document.querySelector(".path button");
  step?.focus();
  return Boolean(step);
}

function focusSearch() {
  const field = document.getElementById("search") || document.querySelector("[type=search]");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function onRow(event) {
  const row = here();
  if (!row || event.target.closest("a, button, summary, input")) return false;
  if (event.key === "Enter") return row.querySelector("a")?.click(), true;
  if (event.key === " " && row.dataset.peek) return toggle(), true;
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape" && event.target.id === "search") event.target.blur();
    return;
  }
  if (onRow(event) || pressed(event.key)) event.preventDefault();
});
