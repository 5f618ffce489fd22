// Back, and a reload, return to the same place of a list: what had been loaded is loaded again, the
// row in hand is marked and stands as far down in the window as it stood, and what was chosen is
// chosen. The browser's own way knows the place only of what is there at once.
import { choose, chosen } from "./picks.js";
import { all, here, id, named, restore } from "./rows.js";

const MOST_PAGES = 40;
const place = () => `place:${location.pathname}${location.search}`;
const top = (row) => row.getBoundingClientRect().top;
const isInSight = (row) => top(row) >= 0 && row.getBoundingClientRect().bottom <= innerHeight;

function keep() {
  const marked = here();
  const row = marked && isInSight(marked) ? marked : all().find(isInSight);
  if (row) sessionStorage.setItem(place(), JSON.stringify({ row: id(row), top: top(row), picks: chosen() }));
  else sessionStorage.removeItem(place());
}

async function reach(wanted) {
  for (let page = 0; page < MOST_PAGES && !named(wanted); page++) {
    const more = document.querySelector("tr.more a[hx-get]");
    if (!more) return;
    const target = more.closest("tr");
    await window.htmx.ajax("GET", more.getAttribute("hx-get"), { source: more, target, swap: "outerHTML" });
    if (target.isConnected) return; // it failed, which is said elsewhere
  }
}

async function comeBack({ row: wanted, top: was, picks }) {
  await reach(wanted);
  if (picks?.leads.length) choose(picks);
  restore();
  const row = named(wanted);
  if (row) scrollBy({ top: top(row) - was, behavior: "instant" });
}

if (all().length) {
  const how = performance.getEntriesByType("navigation")[0]?.type;
  const kept = how === "navigate" ? null : sessionStorage.getItem(place());
  history.scrollRestoration = "manual";
  if (kept) comeBack(JSON.parse(kept));
  addEventListener("pagehide", keep);
}
