// The queue of answers on their way to the server. Nothing leaves it before the server has said what it stores.
//
// Every change gets a `seq` one higher than the highest known for its question. Answers wait in memory and in the store (store.js), so that
// neither a lost connection nor a reload, a closed browser or an empty battery loses any. What the server answers is what is stored: when
// another window was first, its answer wins here too.

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

export class Queue {
  /**
   * `known`: position → the seq the server has. `store`: what this browser keeps.
   * `on`: saved(position, stored), echo(position, stored), refused(position), closed(code), state().
   */
  constructor({ uuid, known, store, on }) {
    this.store = store;
    this.uuid = uuid;
    this.base = `/api/v1/attempts/${uuid}/`;
    this.known = known;
    this.on = on;
    this.waiting = new Map(); // position → {answer, flagged, seq}
    this.state = "idle"; // idle, sending, offline, signed-out, shut-out, on-break, stopped
    this.writing = 0; // answers on their way to the store
    this.keeps = store.kind !== "memory"; // false: only this window has them
    this.overtaken = null; // the code, once the clock has closed the attempt: what waits is still sent, to be kept beside
    this.failures = 0;
    this.since = null; // when we went offline
    addEventListener("online", () => this.now());
    addEventListener("focus", () => { if (this.state === "signed-out" || this.state === "shut-out") this.now(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.lastWords(); });
  }

  /** Take up what an earlier window or visit kept. Returns position → entry of what is newer here than on the page, sent or not. */
  async recover() {
    const found = new Map();
    let kept = new Map();
    try { kept = await this.store.answers(); } catch { this.keeps = false; }
    for (const [position, entry] of [...kept].sort(([, one], [, other]) => one.seq - other.seq)) {
      if (entry.seq <= (this.known.get(position) ?? 0)) continue;
      found.set(position, entry);
      this.known.set(position, entry.seq);
      if (!entry.sent) {
        const { answer, flagged, seq } = entry;
        this.waiting.set(position, { answer, flagged, seq });
        this.keep(position, { answer, flagged, seq });
      }
    }
    this.pump();
    return found;
  }

  put(position, answer, flagged) {
    if (this.state === "stopped") return;
    const seq = (this.known.get(position) ?? 0) + 1;
    this.known.set(position, seq);
    this.waiting.set(position, { answer, flagged, seq });
    this.keep(position, { answer, flagged, seq });
    this.pump();
  }

  /** Into the store; what is in memory goes to the server all the same when the store is full or closed. */
  async keep(position, entry) {
    this.writing += 1;
    try {
      await this.store.put(position, entry);
    } catch {
      this.keeps = false;
    } finally {
      this.writing -= 1;
      this.on.state();
    }
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
    if (this.overtaken) this.on.closed(this.overtaken);
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
    if (stored.seq < entry.seq) return "offline"; // not stored, whatever was said: it stays here and is sent again
    if (mine) {
      this.done(position, entry);
      if (!this.waiting.has(position)) this.keep(position, { ...stored, sent: true });
      this.on.saved(position, stored);
    } else {
      this.waiting.delete(position);
      this.known.set(position, stored.seq);
      this.keep(position, { ...stored, sent: true });
      this.on.echo(position, stored);
    }
    return "next";
  }

  /** An answer refused because of a break or of the device stays; it goes when the break is over or the invigilator has let this one in. */
  refusedAsClosed(position, entry, problem) {
    if (problem.code === "on_break") return "on-break";
    if (problem.code === "other_device") return "shut-out";
    this.done(position, entry);
    if (problem.code === "checked") return "next";
    if ("late" in (problem.errors ?? {})) {
      // It is on the server, in time or beside: nothing of it is needed here.
      this.overtaken = problem.code;
      this.keep(position, { ...entry, sent: true });
      return "next";
    }
    this.waiting.clear();
    this.on.closed(problem.code);
    return "stopped";
  }

  /** This entry is settled; a newer one of the same question stays, behind the others. */
  done(position, entry) {
    const current = this.waiting.get(position);
    this.waiting.delete(position);
    if (current && current.seq !== entry.seq) this.waiting.set(position, current);
  }

  stop() {
    clearTimeout(this.timer);
    this.state = "stopped";
  }

  /** The window goes: hand what waits to the browser to send on its own. It stays in the store too; sending twice changes nothing. */
  lastWords() {
    if (this.state === "stopped") return;
    for (const [position, entry] of this.waiting) {
      send("PUT", `${this.base}responses/${position}/`, entry, { keepalive: true }).catch(() => {});
    }
  }
}
