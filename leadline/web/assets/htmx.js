// htmx, as the meta element configures it: no eval, no injected style, no stored history.
import htmx from "htmx.org";

window.htmx = htmx;

// After a swap the focus goes to what the server marked, so that keyboards and readers follow.
document.addEventListener("htmx:afterSettle", (event) => {
  event.detail.elt.querySelector?.("[data-focus]")?.focus();
});
