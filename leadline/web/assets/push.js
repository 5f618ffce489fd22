// Pushes on this browser. Only the settings' page asks; a browser that has one subscription gives
// it to the server again after each sign-in, because a device belongs to a session.
const panel = document.querySelector("[data-push]");
const isAble = "serviceWorker" in navigator && "PushManager" in window && window.isSecureContext;

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function give(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const answer = await fetch("/settings/notifications/devices", {
    method: "POST", headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
}

async function turnOn(button) {
  const said = panel.querySelector("[data-said]");
  button.disabled = true;
  said.textContent = "";
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      said.textContent = said.dataset.refused;
      return;
    }
    await navigator.serviceWorker.register("/sw.js");
    const worker = await navigator.serviceWorker.ready;
    await give(await worker.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: bytes(panel.dataset.push),
    }));
    location.reload();
  } catch {
    said.textContent = said.dataset.failed;
  } finally {
    button.disabled = false;
  }
}

if (panel && isAble) {
  panel.hidden = false;
  document.querySelector("[data-push-never]")?.remove();
  const button = panel.querySelector("[data-push-on]");
  button.addEventListener("click", () => turnOn(button));
}

// Once per session of the browser's tab, and only where pushes were turned on before.
async function giveAgain() {
  if (!isAble || !document.getElementById("bell") || sessionStorage.getItem("push-given")) return;
  sessionStorage.setItem("push-given", "1");
  if (Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker.getRegistration("/");
  const subscription = await worker?.pushManager.getSubscription();
  if (subscription) await give(subscription);
}
giveAgain().catch(() => sessionStorage.removeItem("push-given"));
