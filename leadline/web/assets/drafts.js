// Typed text stays in this browser until the server has it, over reload and sign-out, and is shown
// to nobody but whoever typed it.
const key = (field) => `draft:${document.body.dataset.reader ?? ""}:${field.dataset.draft}`;

function restore(scope) {
  for (const field of scope.querySelectorAll?.("[data-draft]") ?? []) {
    if (!field.value) field.value = localStorage.getItem(key(field)) ?? "";
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-draft]")) return;
  if (event.target.value) localStorage.setItem(key(event.target), event.target.value);
  else localStorage.removeItem(key(event.target));
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || event.detail.requestConfig.verb !== "post") return;
  for (const field of event.detail.requestConfig.elt.querySelectorAll?.("[data-draft]") ?? []) {
    localStorage.removeItem(key(field));
    field.value = "";
  }
});
document.addEventListener("htmx:afterSettle", (event) => restore(event.detail.elt));
restore(document);
