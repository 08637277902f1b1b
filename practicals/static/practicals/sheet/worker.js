// Lets the examiner's pages open without a network. Served at /examine/worker.js, so that it sees nothing but /examine/.
//
// It keeps two pages with nothing in them (desk and sheet), and every file they need; what is scored lies encrypted in IndexedDB (vault.js). While
// a day is unlocked it holds the key in memory, so that going from the desk to a sheet does not ask for the passphrase again; when the browser
// ends, or nothing has been open for a while, the key is gone. It keeps nothing of the HTTP interface and answers nothing in its place.

const PREFIX = "palpate-examiner-";
const DESK = "/examine/offline/";
const SHEET = "/examine/offline/sheet/";
const PATIENCE = 5000; // milliseconds in which a network that is there but does not answer counts as none
const held = new Map(); // vault → key

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const { data, ports: [port] } = event;
  if (data?.hold) held.set(data.hold, data.key);
  if (data?.drop) held.delete(data.drop);
  if (data?.ask) port?.postMessage(held.get(data.ask) ?? null);
  if (data?.keep) event.waitUntil(keep().then((kept) => port?.postMessage(kept), () => port?.postMessage(false)));
});

/** Both pages and all they lead to, in a cache of their own; the one before goes once the new one is whole. */
async function keep() {
  const found = new Map();
  await Promise.all([DESK, SHEET].map((path) => gather(path, found)));
  for (const path of [DESK, SHEET]) if (found.get(path).redirected) return false; // signed out
  const name = `${PREFIX}${Date.now()}`;
  const cache = await caches.open(name);
  await Promise.all([...found].map(([path, response]) => cache.put(path, response)));
  const names = await caches.keys();
  await Promise.all(names.filter((other) => other.startsWith(PREFIX) && other < name).map((other) => caches.delete(other)));
  return true;
}

const LEADS = [
  [/text\/html/, /(?:href|src)="(\/static\/[^"]+)"/g],
  [/text\/css/, /url\(["']?([^"')]+)["']?\)/g],
  [/javascript/, /(?:from|import)\s*\(?["'](\.[^"']+)["']/g],
];

async function gather(path, found) {
  if (found.has(path)) return;
  found.set(path, null);
  const response = await fetch(path, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  found.set(path, response.clone());
  const type = response.headers.get("Content-Type") ?? "";
  const lead = LEADS.find(([kind]) => kind.test(type));
  if (!lead) return;
  const text = await response.text();
  const next = [...text.matchAll(lead[1])].map(([, name]) => new URL(name, new URL(path, location.href)));
  await Promise.all(next.filter(({ origin, protocol }) => origin === location.origin && protocol !== "data:").map((url) => gather(url.pathname, found)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === "/examine/" || url.pathname === DESK) event.respondWith(page(request, DESK));
    else if (url.pathname.startsWith("/examine/sheets/")) event.respondWith(page(request, SHEET));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(ours(url.pathname).then((kept) => kept ?? fetch(request)));
  }
});

async function ours(path) {
  for (const name of (await caches.keys()).filter((other) => other.startsWith(PREFIX)).sort().reverse()) {
    const kept = await caches.match(path, { cacheName: name });
    if (kept) return kept;
  }
  return undefined;
}

/** The network's page where there is one, else the empty one. */
async function page(request, instead) {
  const waiting = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  const asked = fetch(request);
  asked.catch(() => {}); // it may fail after we have stopped waiting
  let response = null;
  try {
    response = await Promise.race([asked, waiting]);
  } catch { /* no network */ }
  if (response && response.status < 500) return response;
  return (await ours(instead)) ?? response ?? asked;
}
