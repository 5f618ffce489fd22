// The columns of the list are dragged into another order, and their edges to another width. The
// address keeps both, as it does for the menu of columns, so a view can be saved with them.
const NARROWEST = 56;
const WIDEST = 640;
const NAME = 160; // The name takes what is left, but never less.
const STEP = 16;
const table = document.querySelector("table.leads:has([data-column])");
const heads = () => [...table.querySelectorAll("[data-column]")];
const col = (head) => table.querySelector("colgroup").children[head.cellIndex];
const isName = (head) => head.dataset.column === "name";
const wide = (head) => Math.round(head.getBoundingClientRect().width);

// The address with columns in this order, and as wide as they are.
function address(order, search = location.search) {
  const found = new URLSearchParams(search);
  const written = (head) => [head.dataset.column, col(head).getAttribute("width")].filter(Boolean).join(":");
  found.set("cols", order.filter((head) => !isName(head)).map(written).join(","));
  for (const once of ["done", "removed", "by"]) found.delete(once);
  return `${location.pathname}?${found}`;
}

// Chosen on a wide screen, the widths may leave the name no room on this one: then it scrolls.
function fit() {
  table.style.minWidth = "";
  table.classList.remove("tight");
  const missing = NAME - wide(heads().find(isName));
  if (missing <= 0 || !table.querySelector("col[width]") || !table.tHead.offsetWidth) return;
  table.style.minWidth = `${table.offsetWidth + missing}px`;
  table.classList.add("tight");
}

const give = (head, width) => {
  col(head).setAttribute("width", width);
  head.querySelector(".edge").setAttribute("aria-valuenow", width);
};

// An edge parts two columns: what one gains the other gives. Told how they were before.
function parted(head) {
  const seen = heads().filter((each) => each.offsetWidth);
  if (table.classList.contains("many")) for (const each of seen) if (!isName(each)) give(each, wide(each));
  const left = seen[seen.indexOf(head) - 1];
  return { head, left, was: wide(head), wasLeft: wide(left) };
}

function part({ head, left, was, wasLeft }, by) {
  const least = isName(left) ? NAME : NARROWEST;
  const most = isName(left) ? Infinity : WIDEST;
  const from = Math.max(Math.min(0, least - wasLeft), was - WIDEST);
  const to = Math.min(Math.max(0, was - NARROWEST), most - wasLeft);
  const moved = Math.min(Math.max(Math.round(by), from), to);
  give(head, was - moved);
  if (!isName(left)) give(left, wasLeft + moved);
}

// The rows stay as they are; what leads from here to another address learns of the widths.
function keep() {
  const to = address(heads());
  history.replaceState(history.state, "", to);
  for (const link of table.tHead.querySelectorAll("a")) link.href = address(heads(), link.search);
  const back = document.querySelector("#bulk [name=next]");
  if (back) back.value = to;
  fit();
  window.htmx.ajax("GET", to, { target: ".filters", select: ".filters", swap: "outerHTML" });
}

function edge(head) {
  const made = document.createElement("span");
  made.className = "edge";
  made.tabIndex = 0;
  const told = { role: "separator", "aria-orientation": "vertical", "aria-label": head.dataset.edge,
    "aria-valuemin": NARROWEST, "aria-valuemax": WIDEST, "aria-valuenow": wide(head) };
  for (const [name, value] of Object.entries(told)) made.setAttribute(name, value);
  made.addEventListener("pointerdown", (event) => held(event, made, head));
  made.addEventListener("keydown", (event) => pressed(event, head));
  head.append(made);
}

function held(event, made, head) {
  if (event.button) return;
  const before = parted(head);
  const start = event.clientX;
  const move = (to) => part(before, to.clientX - start);
  made.classList.add("held");
  made.setPointerCapture(event.pointerId);
  made.addEventListener("pointermove", move);
  made.addEventListener("lostpointercapture", () => {
    made.classList.remove("held");
    made.removeEventListener("pointermove", move);
    if (wide(head) !== before.was) keep();
  }, { once: true });
}

let soon = 0;
function pressed(event, head) {
  const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  if (!by) return;
  event.preventDefault();
  part(parted(head), by);
  clearTimeout(soon);
  soon = setTimeout(keep, 400);
}

let dragged = null;
const isAfter = (event, head) => isName(head) || event.clientX > head.getBoundingClientRect().left + head.offsetWidth / 2;
const clear = () => {
  for (const each of heads()) each.classList.remove("moved", "drop-before", "drop-after");
};

function over(event) {
  const head = event.target.closest?.("[data-column]");
  clear();
  dragged.classList.add("moved");
  if (!head || head === dragged) return;
  event.preventDefault();
  head.classList.add(isAfter(event, head) ? "drop-after" : "drop-before");
}

function drop(event) {
  const head = event.target.closest("[data-column]");
  const order = heads().filter((each) => each !== dragged);
  order.splice(order.indexOf(head) + (isAfter(event, head) ? 1 : 0), 0, dragged);
  event.preventDefault();
  location.assign(address(order));
}

function start() {
  for (const head of heads()) {
    if (isName(head)) continue;
    edge(head);
    head.draggable = true;
  }
  table.tHead.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-column]");
    if (!dragged || isName(dragged) || dragged.querySelector(".edge.held")) {
      dragged = null;
      event.preventDefault();
    } else event.dataTransfer.setData("text/plain", dragged.dataset.column);
  });
  table.tHead.addEventListener("dragover", (event) => dragged && over(event));
  table.tHead.addEventListener("drop", (event) => dragged && drop(event));
  table.tHead.addEventListener("dragend", () => { clear(); dragged = null; });
  addEventListener("resize", fit);
  fit();
}

if (table) start();
