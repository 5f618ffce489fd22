// A sheet (a lead, a company) is not swapped under a form in it that is being sent: the form would
// go with its answer, its draft stay in the box, and what it says changed never be shown. The
// answer refreshes the sheet anyway.
const SHEET = "[data-sheet]";
const posts = new Set();

// Done before its answer is handled, so that what the answer sets off goes through.
const isUnderWay = ({ xhr }) => xhr.readyState > XMLHttpRequest.UNSENT && xhr.readyState < XMLHttpRequest.DONE;

function isSending(sheet) {
  for (const post of posts) if (!isUnderWay(post)) posts.delete(post);
  return [...posts].some(({ form }) => sheet.contains(form));
}

document.addEventListener("htmx:beforeSend", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig.verb === "post" && requestConfig.elt.closest(SHEET)) posts.add({ form: requestConfig.elt, xhr });
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.(SHEET) && isSending(event.target)) event.preventDefault();
});
// Asked for before, answered meanwhile.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.matches?.(SHEET) && isSending(event.target)) event.detail.shouldSwap = false;
});
