// The row that the keyboard is on, in lists and in Today. Kept over reload and Back per address.
const ROWS = "[data-lead], [data-row]";
export const id = (row) => row.dataset.lead ?? row.dataset.row;
const key = () => `here:${location.pathname}${location.search}`;

export const all = () => [...document.querySelectorAll(ROWS)];
export const here = () => document.querySelector("[data-lead].here, [data-row].here");

export const named = (wanted) => all().find((each) => id(each) === wanted);

function mark(row) {
  for (const other of document.querySelectorAll("[data-lead].here, [data-row].here")) {
    other.classList.remove("here");
    other.removeAttribute("aria-current");
  }
  row.classList.add("here");
  row.setAttribute("aria-current", "true");
  sessionStorage.setItem(key(), id(row));
}

export function go(row) {
  if (!row) return;
  mark(row);
  row.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("leadline:row", { detail: row }));
}

export function move(by) {
  const rows = all();
  if (!rows.length) return;
  const at = rows.indexOf(here());
  go(rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]);
}

export function restore() {
  const kept = sessionStorage.getItem(key());
  const row = kept && named(kept);
  if (row) go(row);
}

// Whoever follows a link of a row comes back to that row.
document.addEventListener("click", (event) => {
  const row = event.target.closest("a[href]")?.closest(ROWS);
  if (row) mark(row);
});

// When the row in hand is dealt with, the next one takes its place.
let place = -1;
document.addEventListener("htmx:beforeSwap", () => { place = all().indexOf(here()); });
document.addEventListener("htmx:afterSettle", () => {
  if (place < 0 || here()) return;
  const rows = all();
  restore();
  if (!here()) go(rows[Math.min(place, rows.length - 1)]);
});

restore();
