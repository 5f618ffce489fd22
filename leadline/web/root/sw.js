// The service worker: shows a push and opens what it is about. It keeps no pages: what a person
// may see is decided by the server each time.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function read(event) {
  try {
    return event.data.json();
  } catch {
    return {};
  }
}

self.addEventListener("push", (event) => {
  const { title = "Leadline", body = "", path = "/today" } = read(event);
  event.waitUntil(self.registration.showNotification(title, {
    body, tag: path, data: { path }, icon: "/icon-192.png", badge: "/badge-96.png",
  }));
});

// Only paths of our own: a payload never leads elsewhere.
function address(path) {
  const found = new URL(path, self.location.origin);
  return found.origin === self.location.origin ? found.href : `${self.location.origin}/today`;
}

async function open(path) {
  const wanted = address(path);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((each) => each.url === wanted) || pages[0];
  if (!page) return self.clients.openWindow(wanted);
  await page.focus();
  return page.url === wanted ? page : page.navigate(wanted);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path || "/today"));
});
