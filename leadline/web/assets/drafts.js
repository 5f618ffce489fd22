// Typed text stays in this browser until the server has it, over reload and sign-out, and is shown
// to nobody but whoever typed it. What was typed over a value that stands (`data-draft-over`) stays
// for as long as the tab, and opens its form again.
const key = (name) => `draft:${document.body.dataset.reader ?? ""}:${name}`;
const isOver = (field) => field.matches("[data-draft-over]");
const box = (field) => (isOver(field) ? sessionStorage : localStorage);

function restore(scope) {
  for (const field of scope.querySelectorAll?.("[data-draft]") ?? []) {
    const kept = box(field).getItem(key(field.dataset.draft));
    if (kept === null || (field.value && !isOver(field)) || field.value === kept) continue;
    field.value = kept;
    if (isOver(field)) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function forget(form) {
  for (const field of form.querySelectorAll?.("[data-draft]") ?? []) box(field).removeItem(key(field.dataset.draft));
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-draft]")) return;
  if (target.value || isOver(target)) box(target).setItem(key(target.dataset.draft), target.value);
  else box(target).removeItem(key(target.dataset.draft));
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || event.detail.requestConfig.verb !== "post") return;
  const { elt } = event.detail.requestConfig;
  forget(elt);
  for (const field of elt.querySelectorAll?.("[data-draft]:not([data-draft-over])") ?? []) field.value = "";
});
document.addEventListener("htmx:afterSettle", (event) => restore(event.detail.elt));
// Once htmx knows the page: it is what opens the form.
document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
  const left = [...document.querySelectorAll("[data-sheet] .value[id]")].find((each) => sessionStorage.getItem(key(each.id)) !== null);
  left?.querySelector("[data-edit]")?.click();
}));
restore(document);
