// Menus are <details>; one is open at a time, Escape and a click elsewhere close it.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  const opener = event.target.closest?.("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (event.target.matches?.("dialog.over")) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that was opened in place closes without a trace.
document.addEventListener("click", (event) => {
  event.target.closest?.("[data-close-form]")?.closest("form").remove();
  if (!event.target.closest?.("[data-refresh]")) return;
  event.preventDefault();
  window.htmx.trigger(document.body, "leadline:changed");
});
