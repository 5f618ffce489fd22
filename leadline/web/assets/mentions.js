// After an @ the colleagues who may see the lead are offered. Without a choice, and without this
// module, what was typed stays plain text and names them just the same.
const TYPED = /(?:^|[^\p{L}\p{N}_.])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}-]*)?)$/u;
let list = null;
let field = null;
let asked = 0;

const options = () => [...(list?.querySelectorAll("[role=option]") || [])];
const typed = () => field.value.slice(0, field.selectionStart).match(TYPED)?.[1];

function close() {
  asked += 1;
  list?.remove();
  list = null;
  field?.removeAttribute("aria-controls");
  field?.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
}

function write(option) {
  const end = field.selectionStart;
  const start = end - typed().length;
  field.setRangeText(`${option.dataset.written} `, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close();
}

function show(html) {
  if (!list) {
    list = document.createElement("div");
    list.className = "colleagues";
    list.id = "colleagues";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.body.dataset.colleagues);
    // Before the field loses the focus.
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) write(option);
    });
    field.after(list);
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-autocomplete", "list");
  }
  list.innerHTML = html;
  choose(options()[0]);
}

async function look() {
  const word = typed();
  if (word === undefined) return close();
  const mine = (asked += 1);
  const answer = await fetch(`${field.dataset.mentions}?q=${encodeURIComponent(word)}`, { headers: { "HX-Request": "true" } });
  const html = answer.ok ? await answer.text() : "";
  if (mine !== asked) return;
  if (html.includes("role=\"option\"")) show(html);
  else close();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("textarea[data-mentions]")) return;
  if (field !== event.target) close();
  field = event.target;
  if (field.value.includes("@")) look();
  else if (list) close();
});

document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field) return;
  const found = options();
  const at = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    choose(found[(at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && found[at]) {
    write(found[at]);
  } else if (event.key === "Escape") {
    close();
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("focusout", (event) => {
  if (event.target === field) close();
});
