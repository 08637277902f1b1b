// What the examiner has tapped: kept in memory, and after every tap in localStorage, so that a reload or a lost network loses nothing.
// No DOM and no network here.

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
  startedAt: null, finishedAt: null, final: false, lastTap: null, history: [],
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

export class Store {
  // `kept` is localStorage (or anything like it); `boot` the assignment as the server gave it.
  constructor(boot, kept) {
    this.boot = boot;
    this.kept = kept;
    this.key = `palpate-sheet:${boot.uuid}`;
    this.critical = new Set(boot.checklist.criteria.filter((line) => line.critical).map((line) => line.code));
    this.listeners = [];
    this.conflict = null; // "elsewhere": the server is ahead of what this device holds; "reissued": it has another sheet
    this.state = this.open();
  }

  open() {
    const server = this.boot.sheet;
    const local = this.read();
    if (!local) return server ? fromServer(server, this.critical) : blank(newUuid());
    if (!server) return local;
    const unsent = local.rev > local.confirmedRev;
    if (server.final || !unsent) {
      if (server.final && !(unsent && local.final)) return fromServer(server, this.critical);
      return local.uuid === server.uuid && local.rev >= server.rev ? local : fromServer(server, this.critical);
    }
    if (local.uuid !== server.uuid) this.conflict = "reissued";
    else if (server.rev > local.confirmedRev && server.rev !== local.rev) this.conflict = "elsewhere";
    return local;
  }

  read() {
    try {
      const text = this.kept.getItem(this.key);
      return text ? { ...blank(null), ...JSON.parse(text) } : null;
    } catch {
      return null;
    }
  }

  // False when this browser keeps nothing (private window, full disk): the page says so.
  write() {
    try {
      this.kept.setItem(this.key, JSON.stringify(this.state));
      return true;
    } catch {
      return false;
    }
  }

  forget() {
    try {
      this.kept.removeItem(this.key);
    } catch {
      // nothing was kept
    }
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
    if (state.final) return;
    state.history.push({ part, code, before: this.value(part, code) });
    if (state.history.length > HISTORY) state.history.shift();
    this.put(part, code, value);
    this.touch(at);
  }

  // A note that grows letter by letter is one change, not many.
  annotate(code, note, at) {
    if (this.state.final) return;
    this.put("marks", code, { rating: null, at: null, ...this.state.marks[code], note });
    this.touch(at);
  }

  undo(at) {
    const last = this.state.history.pop();
    if (!last || this.state.final) return null;
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
    if (this.state.startedAt || this.state.final) return;
    this.state.startedAt = at;
    this.touch(at);
  }

  touch(at) {
    this.state.startedAt ??= at;
    this.state.lastTap = at;
    this.state.rev += 1;
    this.saved = this.write();
    this.tell("changed");
  }

  sign(name, at) {
    Object.assign(this.state, { signature: name, finishedAt: at, final: true });
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
      assignment: this.boot.uuid, rev: state.rev, final: state.final, started_at: state.startedAt, finished_at: state.finishedAt,
      observations: Object.entries(state.marks).map(([criterion, mark]) => ({ criterion, rating: mark.rating, note: mark.note ?? "", at: mark.at })),
      violations: Object.entries(state.violations).map(([code, seen]) => ({ code, note: seen.note ?? "", at: seen.at })),
      global_rating: state.global, signature: state.signature,
    };
  }

  confirm(rev, count, final) {
    this.state.confirmedRev = Math.max(this.state.confirmedRev, rev);
    this.state.confirmed = count;
    if (final) this.forget();
    else this.write();
    this.tell("confirmed");
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
