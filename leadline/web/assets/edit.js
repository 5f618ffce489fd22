// Edit in place: click or e opens, Enter saves, Escape restores, Tab saves and goes on.
import { forget } from "./drafts.js";

const open = () => document.querySelector("[data-sheet] [data-edit-form]");
let goesOn = "";

const original = new WeakMap();
const state = (form) => new URLSearchParams(new FormData(form)).toString();

function restore(form) {
  forget(form);
  window.htmx.ajax("GET", form.dataset.back, { target: `#${form.id}`, swap: "outerHTML" });
}

function save(form) {
  if (original.get(form) === state(form) && !form.querySelector(".both, [aria-invalid]")) restore(form);
  else form.requestSubmit();
}

// The value after this one, in the order of the page.
function next(form, by) {
  const values = [...document.querySelectorAll("[data-sheet] .value")];
  return values[values.indexOf(form) + by]?.id ?? "";
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-edit-form]");
  if (!form) return;
  if (event.key === "Escape") {
    event.preventDefault();
    goesOn = form.id;
    restore(form);
  } else if (event.key === "Tab" && event.target.name === "value" && event.target.type !== "checkbox") {
    const id = next(form, event.shiftKey ? -1 : 1);
    if (!id) return;
    event.preventDefault();
    goesOn = `${id}!`;
    save(form);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save(form);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-edit-form]");
  if (form && event.target.closest("[data-cancel]")) return restore(form);
  const value = event.target.closest?.("[data-editable]");
  if (value && !event.target.closest("a, button")) value.querySelector("[data-edit]").click();
});

// Leaving a value saves it; an untouched one closes.
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("[data-edit-form]");
  if (!form || form.querySelector(".both") || form.contains(event.relatedTarget)) return;
  setTimeout(() => {
    if (form.isConnected && !form.contains(document.activeElement) && document.hasFocus()) save(form);
  }, 150);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const hovered = document.querySelector("[data-sheet] .value:hover [data-edit], [data-sheet] .value:focus-within [data-edit]");
  const found = hovered ?? document.querySelector("[data-sheet] [data-edit]");
  if (!found) return;
  event.preventDefault();
  found.click();
});

document.addEventListener("htmx:afterSettle", () => {
  const form = open();
  if (form && !original.has(form)) {
    original.set(form, state(form));
    form.querySelector("input.input")?.select();
  }
  if (form || !goesOn) return;
  const value = document.getElementById(goesOn.replace("!", ""));
  const edit = value?.querySelector("[data-edit]");
  if (goesOn.endsWith("!")) edit?.click();
  else edit?.focus();
  goesOn = "";
});

// What follows from a change (score, stage) is shown once nobody is typing any more; a form that is
// open or being sent brings it with its own answer.
const FOLLOWS_MS = 1600;
const TYPING = "[data-sheet] :is(textarea, select, input:not([type=radio], [type=checkbox])):focus";

function follow() {
  if (open()) return;
  if (document.querySelector(TYPING)) setTimeout(follow, FOLLOWS_MS);
  else window.htmx.trigger(document.body, "leadline:changed");
}

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, verb } = event.detail.requestConfig;
  if (!event.detail.successful || verb !== "post" || !elt.matches("[data-edit-form]")) return;
  setTimeout(follow, FOLLOWS_MS);
});

// A value that is being written is never swept away by news.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("[data-sheet]") && open()) event.preventDefault();
});
