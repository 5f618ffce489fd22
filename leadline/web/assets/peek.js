// Peek: Space, or a click beside the name, opens the lead beside the list; j and k go through.
import { here, go } from "./rows.js";

const panel = document.getElementById("panel");
const isOpen = () => Boolean(panel?.firstElementChild);

export function open(row) {
  const address = row?.dataset.peek;
  if (!address || !panel) return;
  window.htmx.ajax("GET", address, { target: "#panel", swap: "innerHTML" });
}

export function close() {
  if (!isOpen()) return false;
  panel.replaceChildren();
  here()?.querySelector("a")?.focus({ preventScroll: true });
  return true;
}

export function toggle() {
  if (!close()) open(here());
}

document.addEventListener("leadline:row", (event) => {
  if (isOpen()) open(event.detail);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) return void close();
  const row = event.target.closest("tr[data-peek]");
  if (!row || event.target.closest("a, button, input, label, summary")) return;
  if (matchMedia("(max-width: 760px)").matches) return void row.querySelector("a").click();
  go(row);
  open(row);
});
