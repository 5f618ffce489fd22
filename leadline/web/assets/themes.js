// Light, dark or as the system: shown at once, kept in a cookie by the server.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-themes]")) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  const body = new FormData(form);
  body.set("theme", chosen);
  await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
});
