// The queue of answers on their way to the server. Nothing leaves it before the server has said what it stores.
//
// Every change gets a `seq` one higher than the highest known for its question. Answers wait in memory and in localStorage, so that neither a
// lost connection nor a reload loses any. What the server answers is what is stored: when another window was first, its answer wins here too.

const BACKOFF = [1, 2, 4, 8, 15, 30]; // seconds
const TIMEOUT = 10_000; // milliseconds

export const same = (one, other) => canonical(one) === canonical(other);

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value && typeof value === "object") return `{${Object.keys(value).sort().map((key) => `${key}:${canonical(value[key])}`)}}`;
  return JSON.stringify(value);
}

export function csrfToken() {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

export function send(method, url, body, options = {}) {
  return fetch(url, {
    method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: options.keepalive ? undefined : AbortSignal.timeout(TIMEOUT),
    ...options,
  });
}

/** What this browser still keeps of an attempt, from this or any other window: position → {answer, flagged, seq}, the highest seq of each. */
function keptHere(prefix) {
  const kept = new Map();
  for (let index = 0; index < localStorage.length; index += 1) {
    const key = localStorage.key(index);
    if (!key.startsWith(prefix)) continue;
    let entries = [];
    try { entries = JSON.parse(localStorage.getItem(key)) ?? []; } catch { /* not ours */ }
    for (const [position, entry] of entries) {
      if (entry.seq > (kept.get(position)?.seq ?? 0)) kept.set(position, entry);
    }
  }
  return kept;
}

export function forget(uuid) {
  const prefix = `palpate:attempt:${uuid}:`;
  try {
    const keys = Array.from({ length: localStorage.length }, (_none, index) => localStorage.key(index));
    for (const key of keys) if (key.startsWith(prefix)) localStorage.removeItem(key);
  } catch { /* storage is closed to us */ }
}

export class Queue {
  /**
   * `known`: position → the seq the server has. `on`: saved(position, stored), echo(position, stored), refused(position), closed(code), state().
   */
  constructor({ uuid, known, on }) {
    this.uuid = uuid;
    this.base = `/api/v1/attempts/${uuid}/`;
    this.known = known;
    this.on = on;
    this.waiting = new Map(); // position → {answer, flagged, seq}
    this.state = "idle"; // idle, sending, offline, signed-out, stopped
    this.failures = 0;
    this.since = null; // when we went offline
    this.prefix = `palpate:attempt:${uuid}:`;
    this.key = this.prefix + this.windowName();
    addEventListener("online", () => this.now());
    addEventListener("focus", () => { if (this.state === "signed-out") this.now(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.lastWords(); });
  }

  windowName() {
    try {
      let name = sessionStorage.getItem("palpate:window");
      if (!name) sessionStorage.setItem("palpate:window", name = crypto.randomUUID?.() ?? String(Math.random()).slice(2));
      return name;
    } catch { return "here"; }
  }

  /** Take up what an earlier window or visit could not send. Returns position → entry of what the server does not have yet. */
  recover() {
    const found = new Map();
    try {
      for (const [position, entry] of keptHere(this.prefix)) {
        if (entry.seq > (this.known.get(position) ?? 0)) found.set(position, entry);
      }
    } catch { /* storage is closed to us: what is in memory still goes */ }
    if (found.size === 0) forget(this.uuid);
    for (const [position, entry] of found) {
      this.waiting.set(position, entry);
      this.known.set(position, entry.seq);
    }
    this.keep();
    this.pump();
    return found;
  }

  put(position, answer, flagged) {
    if (this.state === "stopped") return;
    const seq = (this.known.get(position) ?? 0) + 1;
    this.known.set(position, seq);
    this.waiting.set(position, { answer, flagged, seq });
    this.keep();
    this.pump();
  }

  keep() {
    try {
      if (this.waiting.size) localStorage.setItem(this.key, JSON.stringify([...this.waiting]));
      else localStorage.removeItem(this.key);
    } catch { /* full or closed: what is in memory still goes */ }
  }

  /** Resolves to true once nothing waits, to false when it cannot be sent now. */
  async flush() {
    await this.now();
    while (this.state === "sending") await this.running;
    return this.waiting.size === 0;
  }

  now() {
    clearTimeout(this.timer);
    this.failures = 0;
    return this.pump();
  }

  pump() {
    if (this.state === "sending" || this.state === "stopped" || this.waiting.size === 0) return this.running;
    clearTimeout(this.timer);
    this.running = this.run();
    return this.running;
  }

  async run() {
    this.set("sending");
    while (this.waiting.size) {
      const [position, entry] = this.waiting.entries().next().value;
      const outcome = await this.sendOne(position, entry);
      if (outcome !== "next") {
        this.set(outcome);
        if (outcome !== "stopped") {
          const seconds = BACKOFF[Math.min(this.failures, BACKOFF.length - 1)];
          this.failures += 1;
          this.timer = setTimeout(() => this.pump(), seconds * 1000);
        }
        return;
      }
    }
    this.failures = 0;
    this.set("idle");
  }

  set(state) {
    if (state === "idle") this.since = null;
    else if (state !== "sending" && !this.since) this.since = new Date();
    this.state = state;
    this.on.state();
  }

  async sendOne(position, entry) {
    let response;
    try {
      response = await send("PUT", `${this.base}responses/${position}/`, entry);
    } catch { return "offline"; }
    if (response.status === 401 || response.status === 403) return "signed-out";
    if (response.status === 409) return this.refusedAsClosed(position, entry, await response.json().catch(() => ({})));
    if (response.status === 400 || response.status === 404) {
      this.done(position, entry);
      this.on.refused(position);
      return "next";
    }
    if (!response.ok) return "offline";
    let stored;
    try { stored = await response.json(); } catch { return "offline"; }
    const mine = stored.seq === entry.seq && same(stored.answer, entry.answer) && stored.flagged === entry.flagged;
    if (mine) {
      this.done(position, entry);
      this.on.saved(position, stored);
    } else {
      this.waiting.delete(position);
      this.known.set(position, stored.seq);
      this.keep();
      this.on.echo(position, stored);
    }
    return "next";
  }

  refusedAsClosed(position, entry, problem) {
    this.done(position, entry);
    if (problem.code === "checked") return "next";
    this.waiting.clear();
    this.keep();
    this.on.closed(problem.code);
    return "stopped";
  }

  /** This entry is settled; a newer one of the same question stays, behind the others. */
  done(position, entry) {
    const current = this.waiting.get(position);
    this.waiting.delete(position);
    if (current && current.seq !== entry.seq) this.waiting.set(position, current);
    this.keep();
  }

  stop() {
    clearTimeout(this.timer);
    this.state = "stopped";
  }

  /** The window goes: hand what waits to the browser to send on its own. It stays in localStorage too; sending twice changes nothing. */
  lastWords() {
    if (this.state === "stopped") return;
    for (const [position, entry] of this.waiting) {
      send("PUT", `${this.base}responses/${position}/`, entry, { keepalive: true }).catch(() => {});
    }
  }
}
