// Choosing rows of a list: x, Shift-click for a range, the box in the head for the page, and the
// whole list. The boxes belong to the bar's form, so without this file they still work.
const BOXES = '.leads [name="lead"]';
const boxes = () => [...document.querySelectorAll(BOXES)];
const bar = () => document.getElementById("bulk");
let last = null;
let isWholeSoon = false; // what the whole list is comes after the first box

function whole(all) {
  const set = bar()?.querySelector("[data-whole-list]");
  isWholeSoon = all && !set;
  if (set) set.disabled = !all;
  bar()?.querySelector("[data-pick-list]")?.setAttribute("aria-pressed", String(Boolean(set && all)));
}

const isWhole = () => bar()?.querySelector("[data-pick-list]")?.getAttribute("aria-pressed") === "true";

// What is chosen, and the same again: for who comes Back to the list.
export const chosen = () => ({ leads: boxes().filter((box) => box.checked).map((box) => box.value), whole: isWhole() });

export function choose({ leads, whole: all }) {
  const wanted = new Set(leads);
  for (const box of boxes()) box.checked = wanted.has(box.value);
  whole(all);
  tell();
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
  const shown = form.querySelector("[data-picked]");
  shown.textContent = isWhole() ? list.dataset.all : shown.dataset.some.replace("§", count);
  if (list) list.hidden = isWhole();
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
  if (isWholeSoon && event.detail.elt.id === "bulk-all") whole(true);
  if (event.detail.elt.closest?.(".leads") || event.detail.elt.id === "bulk-all") tell();
});
addEventListener("pageshow", tell);
