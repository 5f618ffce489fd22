// Choosing rows of a list: x, Shift-click for a range, the box in the head for the page, and the
// whole list. The boxes belong to the bar's form, so without this file they still work.
const BOXES = '.leads [name="lead"]';
const boxes = () => [...document.querySelectorAll(BOXES)];
const bar = () => document.getElementById("bulk");
let last = null;

function whole(isWhole) {
  const set = bar()?.querySelector("[data-whole-list]");
  if (set) set.disabled = !isWhole;
  bar()?.querySelector("[data-pick-list]")?.setAttribute("aria-pressed", String(Boolean(set && isWhole)));
}

function tell() {
  const form = bar();
  if (!form) return;
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  const head = document.querySelector("[data-pick-page]");
  if (head) {
    head.checked = count > 0 && count === all.length;
    head.indeterminate = count > 0 && count < all.length;
  }
  const list = form.querySelector("[data-pick-list]");
  const isWhole = list?.getAttribute("aria-pressed") === "true";
  const shown = form.querySelector("[data-picked]");
  shown.textContent = isWhole ? list.dataset.all : shown.dataset.some.replace("§", count);
  if (list) list.hidden = isWhole;
  if (count) window.htmx.trigger(form, "leadline:picked");
}

// A range goes from the box before to this one, and all of it becomes what this one is.
function range(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches?.(BOXES)) {
    if (event.shiftKey && last) range(target);
    last = target;
    whole(false);
    tell();
  } else if (target.matches?.("[data-pick-page]")) {
    for (const box of boxes()) box.checked = target.checked;
    whole(false);
    tell();
  } else if (target.closest?.("[data-pick-list]")) {
    for (const box of boxes()) box.checked = true;
    whole(true);
    tell();
  } else if (target.closest?.("[data-unpick]")) {
    for (const box of boxes()) box.checked = false;
    whole(false);
    document.getElementById("bulk-form")?.replaceChildren();
    tell();
  } else if (target.closest?.("[data-close-act]")) {
    document.getElementById("bulk-form")?.replaceChildren();
  }
});

// More rows have come: what was chosen stays; coming Back to the page counts again.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.closest?.(".leads") || event.detail.elt.id === "bulk-all") tell();
});
addEventListener("pageshow", tell);
