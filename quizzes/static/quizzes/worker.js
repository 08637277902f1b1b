// Serves the page of a running attempt from its cache when there is no network, so that a reload loses nothing.
//
// Served at /attempts/worker.js, so that it sees nothing but /attempts/. One cache an attempt; it is deleted when the attempt is submitted,
// goes on a break or belongs to another device. It keeps nothing of the HTTP interface and answers nothing in its place.

const PREFIX = "palpate-attempt-";
const PAGE = /^\/attempts\/([0-9a-f-]{36})\/$/;
const RESULT = /^\/attempts\/([0-9a-f-]{36})\/result\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data).then((kept) => event.ports[0]?.postMessage(kept)));
});

async function keep({ keep: uuid, page, files }) {
  try {
    await only(uuid);
    const cache = await caches.open(PREFIX + uuid);
    if (!(await cache.match(page))) {
      // The very first visit did not come through this worker.
      const response = await fetch(page, { credentials: "same-origin" });
      if (!isPlayer(response)) return false;
      await cache.put(page, response);
    }
    await Promise.all(files.map(async (file) => {
      if (await cache.match(file)) return;
      const found = await fetch(file, { credentials: "same-origin" });
      if (found.ok) await cache.put(file, found);
    }));
    return true;
  } catch {
    return false;
  }
}

const isPlayer = (response) => response.ok && !response.redirected && response.headers.get("X-Keep") === "attempt";

/** Nobody sits two at once: what is left of another goes. */
async function only(uuid) {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + uuid).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") {
    if (PAGE.test(url.pathname)) event.respondWith(page(request, url));
    else if (RESULT.test(url.pathname)) event.respondWith(result(request, url));
  } else if (url.pathname.startsWith("/static/") || url.pathname.includes("/media/")) {
    event.respondWith(file(request));
  }
});

/** The network's page where there is one; what is no running attempt any more is not kept. */
async function page(request, url) {
  const name = PREFIX + PAGE.exec(url.pathname)[1];
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = await caches.match(url.pathname, { cacheName: name });
    if (kept) return kept;
    throw error;
  }
  if (response.status >= 500) return (await caches.match(url.pathname, { cacheName: name })) ?? response;
  if (isPlayer(response)) await (await caches.open(name)).put(url.pathname, response.clone());
  else await caches.delete(name);
  return response;
}

/** The result is there: no page of the attempt is kept. What was answered goes once all of it is on the server (result.js). */
async function result(request, url) {
  const response = await fetch(request);
  if (response.ok) await caches.delete(PREFIX + RESULT.exec(url.pathname)[1]);
  return response;
}

async function file(request) {
  const kept = await caches.match(request);
  return kept ?? fetch(request);
}
