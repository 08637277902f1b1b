// Sends the whole sheet some moments after each change, again and again until the server has confirmed it. One request at a time.

import { countMarks } from "./store.js";

const DEBOUNCE = 600;
const TIMEOUT = 10_000;
const RETRY = [2000, 4000, 8000, 15_000, 30_000];

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);

export const csrfToken = () => cookie("csrftoken") ?? "";

/** PUT a sheet; null without a network, or without an answer in time. */
export async function put(store, content, { token = "", keepalive = false } = {}) {
  try {
    return await fetch(store.boot.sync_url.replace("{uuid}", store.state.uuid), {
      method: "PUT", credentials: "same-origin", keepalive, signal: AbortSignal.timeout(TIMEOUT),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() || token },
      body: JSON.stringify(content),
    });
  } catch {
    return null;
  }
}

export class Sync {
  // `store` holds the sheet; `say(kind, detail)` is told: sending, confirmed, offline, online, elsewhere, aside, locked, signin, refused.
  constructor(store, { token, say }) {
    Object.assign(this, { store, token, say, failures: 0, offlineSince: null, timer: null, busy: false, stopped: false });
    addEventListener("online", () => { if (!store.unsent) this.found(); this.soon(0); });
    addEventListener("offline", () => this.lost());
    if (navigator.onLine === false) setTimeout(() => this.lost());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.send({ keepalive: true }); });
  }

  soon(delay = DEBOUNCE) {
    if (this.stopped || this.store.conflict) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  async send({ keepalive = false } = {}) {
    if (this.busy || this.stopped || this.store.conflict || this.store.state.aside || !this.store.unsent) return;
    const content = this.store.content();
    const count = countMarks(this.store.state);
    this.busy = true;
    this.say("sending", { count });
    const answer = await put(this.store, content, { token: this.token, keepalive });
    this.busy = false;
    if (answer === null || answer.status >= 500 || answer.status === 429) return this.lost();
    this.found();
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) {
      await this.store.confirm(content.rev, count, said.final);
      this.say("confirmed", said);
      if (this.store.unsent) this.soon();
      return undefined;
    }
    return this.refused(answer.status, said, content.rev);
  }

  refused(status, said, rev) {
    if (status === 401) return this.say("signin", said);
    if (status === 409 && said.errors?.kept) {
      this.store.putAside(rev, said.detail);
      return this.say("aside", said);
    }
    if (status === 409 && said.code === "older_revision") {
      this.store.conflict = "elsewhere";
      return this.say("elsewhere", said);
    }
    if (status === 409 && said.code === "sheet_locked") return this.say("locked", said);
    if (status !== 400) this.stopped = true;
    return this.say(status === 403 && said.code === "permission_denied" ? "ended" : "refused", said);
  }

  // The assignment as the server has it now, or null without a network.
  async look() {
    try {
      const answer = await fetch(this.store.boot.look_url ?? `/api/v1/practicals/assignments/${this.store.boot.uuid}/`, {
        credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT),
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  lost() {
    this.offlineSince ??= new Date();
    this.say("offline", { since: this.offlineSince });
    this.soon(RETRY[Math.min(this.failures, RETRY.length - 1)]);
    this.failures += 1;
  }

  found() {
    this.failures = 0;
    if (this.offlineSince) {
      this.offlineSince = null;
      this.say("online");
    }
  }
}
