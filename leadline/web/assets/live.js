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

// What is asked for every minute waits too, and until the page is looked at.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isPoll = event.target.matches?.("[data-poll]") && !event.detail.requestConfig.triggeringEvent;
  const isHeld = event.target.id === "today" && isWriting();
  if (isPoll && (isHeld || document.hidden)) event.preventDefault();
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
