// htmx, as the meta element configures it: no eval, no injected style, no stored history.
import htmx from "htmx.org";

window.htmx = htmx;

// After a swap the focus goes to what the server marked, so that keyboards and readers follow.
document.addEventListener("htmx:afterSettle", (event) => {
  event.detail.elt.querySelector?.("[data-focus]")?.focus();
});

// A request that failed says so, and the row stays as it was.
function failed(event) {
  const status = event.detail.xhr?.status;
  if (status === 401 || status === 422) return;
  const toasts = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = "toast plain bad";
  toast.dataset.toast = "";
  toast.textContent = document.body.dataset.failed || "That did not work. Nothing was changed.";
  toasts?.append(toast);
}
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
