// The builder of rules comes back from the server when a choice changes what stands beside it. What
// was typed while the answer was under way is put back, so that nobody has to wait for it.
const typed = new Map();
let keeps = false;

document.addEventListener("input", (event) => {
  if (event.target.matches(".builder input, .builder textarea")) typed.set(event.target.id, event.target.value);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.target?.matches(".builder")) return;
  typed.clear();
  // A button may move rows: then a name is another field's.
  keeps = event.detail.elt.matches("select");
});
document.addEventListener("htmx:afterSettle", () => {
  if (!keeps) return;
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (!field?.closest(".builder") || field.value === value) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
