// Countdowns tick: the server writes the text, this keeps it true. Mirrors web/moments.py.
// `units` are the reader's words for second, minute, hour and day.
function span(seconds, units) {
  const steps = [[60, 1], [3600, 60], [86400, 3600], [Infinity, 86400]];
  const step = steps.findIndex(([below]) => seconds < below);
  return `${Math.floor(seconds / steps[step][1])} ${units[step]}`;
}

function face(left, units) {
  const two = (n) => String(n).padStart(2, "0");
  if (left < 3600) return `${Math.floor(left / 60)}:${two(left % 60)}`;
  const hours = Math.floor((left % 86400) / 3600);
  if (left < 86400) return `${hours} ${units[2]} ${two(Math.floor((left % 3600) / 60))}`;
  return `${Math.floor(left / 86400)} ${units[3]} ${hours} ${units[2]}`;
}

function tick() {
  const now = Math.floor(Date.now() / 1000);
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Number(clock.dataset.due) - now;
    const units = clock.dataset.units.split(" ");
    const late = () => clock.dataset.late.replace("§", span(-left, units));
    const text = left < 0 ? late() : face(left, units);
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("late", left < 0);
    clock.classList.toggle("soon", left >= 0 && left < 120);
    clock.classList.toggle("calm", left >= 120);
  }
}

setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", tick);
