// "Copy" puts the text of the element it names on the clipboard and says so for a moment.
// Over plain HTTP, away from this computer, a browser has no clipboard for pages; what is marked it
// still copies, and it stays marked for whoever wants to copy by hand.
async function copy(source) {
  if (navigator.clipboard) return navigator.clipboard.writeText(source.textContent);
  getSelection().selectAllChildren(source);
  document.execCommand("copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(document.getElementById(button.dataset.copy));
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => { label.textContent = before; }, 1600);
});
