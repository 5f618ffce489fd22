// Server-sent events carry ids only; what they mean is fetched with the reader's rights.
// Only the visible tab listens: browsers allow six connections to one host, over all tabs.
const body = document.body;
const isWriting = () => Boolean(document.querySelector("#today .open form, #today .task-form"));
let source = null;

// A page that is being written on is not moved: a pill says that something has come.
function refresh() {
  window.htmx.trigger(body, "leadline:notice");
  const region = document.querySelector("#today[data-live]");
  if (!region) return;
  const pill = document.getElementById("new-leads");
  if (pill && isWriting()) pill.hidden = false;
  else window.htmx.trigger(region, "leadline:refresh");
}

// The look every minute waits too.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isPoll = event.target.id === "today" && !event.detail.requestConfig.triggeringEvent;
  if (isPoll && (isWriting() || document.hidden)) event.preventDefault();
});

document.getElementById("new-leads")?.addEventListener("click", (event) => {
  event.currentTarget.hidden = true;
  window.htmx.trigger(document.getElementById("today"), "leadline:refresh");
});

function hang() {
  source?.close();
  source = null;
}

function listen() {
  if (source || document.hidden || !document.querySelector("#bell")) return;
  source = new EventSource(`/events?after=${body.dataset.newest || 0}`);
  source.addEventListener("notice", (event) => {
    body.dataset.newest = event.data;
    refresh();
  });
  source.addEventListener("bye", hang);
}

if ("EventSource" in window) {
  listen();
  document.addEventListener("visibilitychange", () => (document.hidden ? hang() : listen()));
  addEventListener("pagehide", hang);
  addEventListener("pageshow", listen);
}
