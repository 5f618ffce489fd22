// Server-sent events carry ids only; what they mean is fetched with the reader's rights.
const body = document.body;

// A page that is being written on is not moved: a pill says that something has come.
function refresh() {
  window.htmx.trigger(body, "leadline:notice");
  const region = document.querySelector("#today[data-live]");
  if (!region) return;
  const pill = document.getElementById("new-leads");
  if (pill && region.querySelector(".open form")) pill.hidden = false;
  else window.htmx.trigger(region, "leadline:refresh");
}

document.getElementById("new-leads")?.addEventListener("click", (event) => {
  event.currentTarget.hidden = true;
  window.htmx.trigger(document.getElementById("today"), "leadline:refresh");
});

if (document.querySelector("#bell") && "EventSource" in window) {
  const source = new EventSource(`/events?after=${body.dataset.newest || 0}`);
  source.addEventListener("notice", refresh);
  source.addEventListener("bye", () => source.close());
  addEventListener("pagehide", () => source.close());
}
