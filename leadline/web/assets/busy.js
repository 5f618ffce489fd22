// A plain form whose answer takes long says on its button what is going on, and is sent once.
const said = new Map();

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button?.dataset.busy) return;
  said.set(button, button.textContent);
  button.textContent = button.dataset.busy;
  // After the form was read: a disabled button's own value would be missing.
  setTimeout(() => { button.disabled = true; });
});

// Back shows the page as it was left.
addEventListener("pageshow", () => {
  for (const [button, text] of said) {
    button.disabled = false;
    button.textContent = text;
  }
  said.clear();
});
