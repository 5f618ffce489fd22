// Countdowns tick: the server writes the text, this keeps it true. Mirrors web/moments.py.
function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function face(left) {
  const two = (n) => String(n).padStart(2, "0");
  if (left < 3600) return `${Math.floor(left / 60)}:${two(left % 60)}`;
  if (left < 86400) return `${Math.floor(left / 3600)} h ${two(Math.floor((left % 3600) / 60))}`;
  return `${Math.floor(left / 86400)} d ${Math.floor((left % 86400) / 3600)} h`;
}

function tick() {
  const now = Math.floor(Date.now() / 1000);
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Number(clock.dataset.due) - now;
    const text = left < 0 ? clock.dataset.late.replace("§", span(-left)) : face(left);
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("late", left < 0);
    clock.classList.toggle("soon", left >= 0 && left < 120);
    clock.classList.toggle("calm", left >= 120);
  }
}

setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", tick);
