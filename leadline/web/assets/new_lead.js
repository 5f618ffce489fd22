// New lead: what a person has changed by hand is not filled in again from the text.
document.addEventListener("input", (event) => {
  const field = event.target;
  const form = field.closest?.("[data-new-lead]");
  if (!form || !field.name || field.name === "text") return;
  const changed = form.querySelector("[data-changed]");
  changed.value = [...new Set([...changed.value.split(",").filter(Boolean), field.name])].join(",");
});
