// Whoever looks at a lead has read what they were told about it, wherever they came from: the
// bell, a mail, a push. The server tells their other pages.
const lead = location.pathname.match(/^\/leads\/([0-9a-f-]{36})$/)?.[1];

function look() {
  if (!lead || document.hidden || !document.querySelector(`#bell [data-notice-of="${lead}"]`)) return;
  window.htmx.ajax("POST", "/notices/read", { target: "#bell", values: { lead }, source: "#bell" });
}

look();
document.addEventListener("visibilitychange", look);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "bell") look();
});
