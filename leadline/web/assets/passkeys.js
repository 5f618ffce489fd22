// Passkeys are offered where this browser can have one, and what goes wrong is said.
//
// They belong to a name over a safe connection: an address of digits can have none.
const isName = !/^[\d.]+$|^\[/.test(location.hostname);
const works = isName && window.isSecureContext && "PublicKeyCredential" in window;

const show = (mark) => document.querySelector(`[data-passkey="${mark}"]`)?.removeAttribute("hidden");

if (works) show("offer");
for (const button of document.querySelectorAll("#mfa_webauthn_add, #mfa_webauthn_authenticate")) {
  if (works) continue;
  button.hidden = true;
  show("nowhere");
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // otherwise it is written to the console, where nobody looks
  show("refused");
});
