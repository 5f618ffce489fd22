// Toasts leave after 8 seconds (longer while pointed at); Ctrl Z presses the newest Undo.
const SECONDS = 8;

function start(toast) {
  if (toast.dataset.left) return;
  toast.dataset.left = toast.dataset.seconds || String(SECONDS);
  // Only the newest question stays.
  if ("ask" in toast.dataset) for (const other of toasts.querySelectorAll("[data-ask]")) if (other !== toast) other.remove();
  const shown = toast.querySelector("[data-left]");
  const timer = setInterval(() => {
    if (toast.matches(":hover, :focus-within")) return;
    const left = Number(toast.dataset.left) - 1;
    toast.dataset.left = String(left);
    if (shown) shown.textContent = String(left);
    if (left > 0 && toast.isConnected) return;
    clearInterval(timer);
    toast.remove();
  }, 1000);
}

const toasts = document.getElementById("toasts");
if (toasts) {
  const all = () => toasts.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver(all).observe(toasts, { childList: true });
  all();
  toasts.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.target.closest("[data-toast]")?.remove();
  });
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest("[data-toast]").remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const undo = [...document.querySelectorAll("[data-undo]")].at(-1);
  if (undo) {
    event.preventDefault();
    undo.click();
  }
});
