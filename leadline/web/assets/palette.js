// The command palette: Ctrl K. The server finds, this moves through what it found.
import { act } from "./shortcuts.js";

const dialog = document.getElementById("palette");

export function open() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input");
  input.select();
  window.htmx.trigger(input, "open");
}

const options = () => [...dialog.querySelectorAll("[role=option]")];

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  dialog.querySelector("input").setAttribute("aria-activedescendant", option?.id || "");
  option?.scrollIntoView({ block: "nearest" });
}

dialog?.addEventListener("keydown", (event) => {
  const found = options();
  const at = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const by = event.key === "ArrowDown" ? 1 : -1;
    choose(found[(at + by + found.length) % found.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    found[Math.max(at, 0)]?.click();
  }
});

dialog?.addEventListener("click", (event) => {
  if (event.target.closest("[data-command]")) {
    event.preventDefault();
    const command = event.target.closest("[data-command]").dataset.command;
    dialog.close();
    document.getElementById(command)?.showModal?.();
  }
  const pressed = event.target.closest("[data-press]");
  if (pressed) {
    event.preventDefault();
    dialog.close();
    act(pressed.dataset.press);
  }
});
dialog?.addEventListener("htmx:afterSwap", () => choose(options()[0]));

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    open();
  }
});
document.querySelector("[data-open=palette]")?.addEventListener("click", (event) => {
  event.stopPropagation();
  open();
});
