// Sends the whole sheet some moments after each change, again and again until the server has confirmed it. One request at a time.

import { countMarks } from "./store.js";

const DEBOUNCE = 600;
const TIMEOUT = 10_000;
const RETRY = [2000, 4000, 8000, 15_000, 30_000];

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);

export class Sync {
  // `store` holds the sheet; `say(kind, detail)` is told: sending, confirmed, offline, online, elsewhere, reissued, locked, signin, refused.
  constructor(store, { token, say }) {
    Object.assign(this, { store, token, say, failures: 0, offlineSince: null, timer: null, busy: false, stopped: false });
    addEventListener("online", () => this.soon(0));
    addEventListener("offline", () => this.lost());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.send({ keepalive: true }); });
  }

  soon(delay = DEBOUNCE) {
    if (this.stopped || this.store.conflict) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  async send({ keepalive = false } = {}) {
    if (this.busy || this.stopped || this.store.conflict || !this.store.unsent) return;
    const content = this.store.content();
    const count = countMarks(this.store.state);
    this.busy = true;
    this.say("sending", { count });
    let answer = null;
    try {
      answer = await fetch(`/api/v1/practicals/assessments/${this.store.state.uuid}/`, {
        method: "PUT", credentials: "same-origin", keepalive, signal: AbortSignal.timeout(TIMEOUT),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie("csrftoken") ?? this.token },
        body: JSON.stringify(content),
      });
    } catch {
      // no network, or no answer in time
    }
    this.busy = false;
    if (answer === null || answer.status >= 500 || answer.status === 429) return this.lost();
    this.found();
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) {
      this.store.confirm(content.rev, count, said.final);
      this.say("confirmed", said);
      if (this.store.unsent) this.soon();
      return undefined;
    }
    return this.refused(answer.status, said);
  }

  refused(status, said) {
    const kinds = { older_revision: "elsewhere", other_sheet: "reissued", sheet_reissued: "reissued", sheet_locked: "locked" };
    if (status === 401) return this.say("signin", said);
    if (status === 409 && kinds[said.code]) {
      if (kinds[said.code] !== "locked") this.store.conflict = kinds[said.code];
      return this.say(kinds[said.code], said);
    }
    if (status !== 400) this.stopped = true;
    return this.say("refused", said);
  }

  // The assignment as the server has it now, or null without a network.
  async look() {
    try {
      const answer = await fetch(`/api/v1/practicals/assignments/${this.store.boot.uuid}/`, {
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
