// What the examiner has tapped: kept in memory, and after every tap on the device (vault.js), so that a reload, a killed browser or a lost
// network loses nothing. No DOM and no network here.

const HISTORY = 50;

export const newUuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a plain-http address in a test centre has no randomUUID
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

const blank = (uuid) => ({
  uuid, rev: 0, confirmedRev: 0, confirmed: 0, marks: {}, violations: {}, global: null, signature: "",
  startedAt: null, finishedAt: null, final: false, lastTap: null, history: [], aside: null,
});

// `critical`: codes of the ★ lines. A 0 on one that was synced before its fact was written is still to be confirmed.
export const fromServer = (sheet, critical) => {
  const state = blank(sheet.uuid);
  for (const { criterion, rating, note, at } of sheet.observations) {
    const doubt = rating === 0 && critical.has(criterion) && !note.trim();
    state.marks[criterion] = doubt ? { rating, note, at, doubt } : { rating, note, at };
  }
  for (const { code, note, at } of sheet.violations) state.violations[code] = { note, at };
  Object.assign(state, {
    rev: sheet.rev, confirmedRev: sheet.rev, global: sheet.global_rating, signature: sheet.signature,
    startedAt: sheet.started_at, finishedAt: sheet.finished_at, final: sheet.final,
  });
  state.confirmed = countMarks(state);
  return state;
};

export const countMarks = (state) => Object.values(state.marks).filter((mark) => mark.rating !== null).length;

const later = (one, other) => (other && Date.parse(other) > Date.parse(one) ? other : one);

export class Store {
  // `keeper` keeps it (vault.js), `local` is what it kept so far; `boot` the assignment as the server gave it; `device` the name of this one.
  constructor(boot, { keeper, local = null, device = "" }) {
    Object.assign(this, { boot, keeper, device, listeners: [], saved: null, kept: 0, writing: null });
    this.critical = new Set(boot.checklist.criteria.filter((line) => line.critical).map((line) => line.code));
    this.conflict = null; // "elsewhere": the server is ahead of what this device holds; "reissued": it has another sheet; "device": that is another's
    this.barred = null;
    this.state = this.open(local ? { ...blank(null), ...local } : null);
    this.kept = local ? countMarks(this.state) : 0;
  }

  open(local) {
    const server = this.boot.sheet;
    if (!server || local?.aside) return local ?? blank(newUuid());
    const theirs = !server.final && server.device && server.device !== this.device;
    const unsent = local && local.rev > local.confirmedRev;
    if (!local || (server.final && !(unsent && local.final))) {
      if (theirs) this.conflict = "device";
      return fromServer(server, this.critical);
    }
    if (local.uuid !== server.uuid) {
      if (unsent) return local; // it is sent all the same: the server keeps it beside the sheet that counts
      this.conflict = theirs ? "device" : "reissued";
      return fromServer(server, this.critical);
    }
    if (!unsent) return local.rev >= server.rev ? local : fromServer(server, this.critical);
    if (server.rev > local.confirmedRev && server.rev !== local.rev) this.conflict = "elsewhere";
    return local;
  }

  // Whether it takes no taps: signed, put aside, another device's, or barred for another reason (another window, before the day).
  get closed() {
    return this.state.final || Boolean(this.state.aside) || this.conflict === "device" || this.conflict === "reissued" || Boolean(this.barred);
  }

  // Onto the device, the newest state last however quickly taps follow. `saved` is false when this browser keeps nothing: the page says so.
  write() {
    this.waiting = true;
    return (this.writing ??= this.flush());
  }

  async flush() {
    while (this.waiting) {
      this.waiting = false;
      const count = countMarks(this.state);
      try {
        await this.keeper.write(this.state);
        [this.saved, this.kept] = [true, count];
      } catch {
        this.saved = false;
      }
    }
    this.writing = null;
    this.tell("kept");
  }

  subscribe(listener) {
    this.listeners.push(listener);
  }

  tell(kind) {
    for (const listener of this.listeners) listener(kind);
  }

  get unsent() {
    return this.state.rev > this.state.confirmedRev;
  }

  // One change: `part` is "marks", "violations" or "global"; what was there before goes on the undo stack.
  change(part, code, value, at) {
    const { state } = this;
    if (this.closed) return;
    state.history.push({ part, code, before: this.value(part, code) });
    if (state.history.length > HISTORY) state.history.shift();
    this.put(part, code, value);
    this.touch(at);
  }

  // A note that grows letter by letter is one change, not many.
  annotate(code, note, at) {
    if (this.closed) return;
    this.put("marks", code, { rating: null, at: null, ...this.state.marks[code], note });
    this.touch(at);
  }

  undo(at) {
    const last = this.closed ? null : this.state.history.pop();
    if (!last) return null;
    this.put(last.part, last.code, last.before);
    this.touch(at);
    return last;
  }

  value(part, code) {
    const held = part === "global" ? this.state.global : this.state[part][code];
    return held && typeof held === "object" ? { ...held } : (held ?? null);
  }

  put(part, code, value) {
    if (part === "global") this.state.global = value;
    else if (value === null) delete this.state[part][code];
    else this.state[part][code] = value;
  }

  start(at) {
    if (this.state.startedAt || this.closed) return;
    this.state.startedAt = at;
    this.touch(at);
  }

  // A clock that is set back during the day does not make a sheet end before it began.
  notBefore(at) {
    return later(later(at, this.state.startedAt), this.state.lastTap);
  }

  touch(at) {
    const { state } = this;
    state.startedAt ??= at;
    state.lastTap = this.notBefore(at);
    state.rev += 1;
    this.write();
    this.tell("changed");
  }

  sign(name, at) {
    Object.assign(this.state, { signature: name, finishedAt: this.notBefore(at), final: true });
    this.touch(at);
  }

  unsign() {
    this.state.final = false;
    this.state.rev += 1;
    this.write();
    this.tell("changed");
  }

  // The body of the PUT, and the count it stands for.
  content() {
    const { state } = this;
    return {
      assignment: this.boot.uuid, version: this.boot.checklist.version, device: this.device, device_time: new Date().toISOString(), rev: state.rev, final: state.final, started_at: state.startedAt, finished_at: state.finishedAt,
      observations: Object.entries(state.marks).map(([criterion, mark]) => ({ criterion, rating: mark.rating, note: mark.note ?? "", at: mark.at })),
      violations: Object.entries(state.violations).map(([code, seen]) => ({ code, note: seen.note ?? "", at: seen.at })),
      global_rating: state.global, signature: state.signature,
    };
  }

  async confirm(rev, count, final) {
    this.state.confirmedRev = Math.max(this.state.confirmedRev, rev);
    this.state.confirmed = count;
    await this.write();
    if (final && !this.unsent) await this.keeper.settled();
    this.tell("confirmed");
  }

  // Another sheet counts, and the server has kept beside it what this device sent: nothing of it waits here any more.
  putAside(rev, words) {
    this.state.aside = words;
    this.state.confirmedRev = Math.max(this.state.confirmedRev, rev);
    this.write();
    this.tell("aside");
  }

  // Two copies: go on with the server's, or with this device's (the server keeps every revision of both).
  adopt(server) {
    this.conflict = null;
    this.boot.sheet = server;
    this.state = server ? fromServer(server, this.critical) : blank(newUuid());
    this.write();
    this.tell("adopted");
  }

  insist(server) {
    this.conflict = null;
    this.state.uuid = server.uuid;
    this.state.rev = Math.max(this.state.rev, server.rev) + 1;
    this.state.confirmedRev = server.rev;
    this.write();
    this.tell("changed");
  }
}
