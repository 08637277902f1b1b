// What this browser keeps of a running attempt: each question's newest answer, sent or not, and the clock as the server last told it.
//
// In IndexedDB, which survives a reload and a restart of the browser; where that is closed (a private window) in localStorage, else in memory.
// IndexedDB answers later, and a page that goes at once takes what is on its way with it: until it has answered, a row stands in localStorage too.
// An answer stays until the attempt is submitted, because a page opened offline shows the questions as they were when it was last loaded.
// Each window writes its own rows; whoever reads takes the highest seq of each question.

const NAME = "palpate-answers";
const TABLE = "kept";

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE); // key: [attempt, window, position or "clock"]
  return asked(request);
}

/** All rows of an attempt, whichever window wrote them. An array sorts after every string. */
const rowsOf = (uuid) => IDBKeyRange.bound([uuid], [uuid, []]);

class InDatabase {
  constructor(database, meanwhile) { this.database = database; this.meanwhile = meanwhile; this.kind = "database"; }

  table(mode) {
    return this.database.transaction(TABLE, mode, mode === "readwrite" ? { durability: "strict" } : {}).objectStore(TABLE);
  }

  async rows(uuid) {
    const table = this.table("readonly");
    const [keys, values] = await Promise.all([asked(table.getAllKeys(rowsOf(uuid))), asked(table.getAll(rowsOf(uuid)))]);
    return [...keys.map((key, index) => ({ key, value: values[index] })), ...(await this.meanwhile?.rows(uuid) ?? [])];
  }

  /** Resolves once it is on the disk. */
  async write(key, value) {
    this.meanwhile?.set(key, value);
    const table = this.table("readwrite");
    table.put(value, key);
    await new Promise((resolve, reject) => {
      table.transaction.oncomplete = () => resolve();
      table.transaction.onabort = table.transaction.onerror = () => reject(table.transaction.error);
    });
    this.meanwhile?.drop(key, value);
  }

  async forget(uuid) {
    await this.meanwhile?.forget(uuid);
    await asked(this.table("readwrite").delete(rowsOf(uuid)));
  }
}

class InStorage {
  constructor(storage) { this.storage = storage; this.kind = "storage"; storage.setItem("palpate:open", "1"); storage.removeItem("palpate:open"); }

  name(key) { return `palpate:attempt:${JSON.stringify(key)}`; }

  async rows(uuid) {
    const found = [];
    for (let index = 0; index < this.storage.length; index += 1) {
      const name = this.storage.key(index);
      if (!name.startsWith(`palpate:attempt:["${uuid}"`)) continue;
      found.push({ key: JSON.parse(name.slice("palpate:attempt:".length)), value: JSON.parse(this.storage.getItem(name)) });
    }
    return found;
  }

  async write(key, value) { this.storage.setItem(this.name(key), JSON.stringify(value)); }

  /** At once, if there is room. */
  set(key, value) {
    try { this.storage.setItem(this.name(key), JSON.stringify(value)); } catch { /* full: the database keeps it */ }
  }

  /** Unless something newer has taken its place. */
  drop(key, value) {
    if (this.storage.getItem(this.name(key)) === JSON.stringify(value)) this.storage.removeItem(this.name(key));
  }

  async forget(uuid) {
    for (const { key } of await this.rows(uuid)) this.storage.removeItem(this.name(key));
  }
}

class InMemory {
  constructor() { this.kind = "memory"; this.held = new Map(); }

  async rows(uuid) { return [...this.held.values()].filter(({ key }) => key[0] === uuid); }

  async write(key, value) { this.held.set(JSON.stringify(key), { key, value }); }

  async forget() { this.held.clear(); }
}

async function best() {
  let storage = null;
  try { storage = new InStorage(localStorage); } catch { /* closed to us */ }
  try { return new InDatabase(await open(), storage); } catch { /* closed as well */ }
  return storage ?? new InMemory();
}

function windowName() {
  try {
    let name = sessionStorage.getItem("palpate:window");
    if (!name) sessionStorage.setItem("palpate:window", name = crypto.randomUUID?.() ?? String(Math.random()).slice(2));
    return name;
  } catch { return "here"; }
}

let chosen;
const place = () => (chosen ??= best());

export class Store {
  constructor(uuid, kept) {
    this.uuid = uuid;
    this.kept = kept;
    this.window = windowName();
  }

  static async of(uuid) { return new Store(uuid, await place()); }

  get kind() { return this.kept.kind; }

  /** position → {answer, flagged, seq, sent, saved_at}: of each question the highest seq that any window has kept. */
  async answers() {
    const found = new Map();
    for (const { key: [, , position], value } of await this.kept.rows(this.uuid)) {
      if (typeof position !== "number") continue;
      const before = found.get(position);
      if (!before || value.seq > before.seq || (value.seq === before.seq && value.sent)) found.set(position, value);
    }
    return found;
  }

  put(position, entry) { return this.kept.write([this.uuid, this.window, position], entry); }

  /** What the server said of the clock, with when by the clock of this device: the newest that any window heard. */
  async clock() {
    const rows = (await this.kept.rows(this.uuid)).filter(({ key }) => key[2] === "clock").map(({ value }) => value);
    return rows.sort((one, other) => Date.parse(one.server_time) - Date.parse(other.server_time)).at(-1) ?? null;
  }

  keepClock({ due_at, server_time }) {
    return this.kept.write([this.uuid, this.window, "clock"], { due_at, server_time, heard: Date.now() });
  }

  forget() { return this.kept.forget(this.uuid); }
}

/** Forget an attempt, and the page of it that is kept for reading offline. */
export async function forget(uuid) {
  try { await (await Store.of(uuid)).forget(); } catch { /* nothing to forget */ }
  try { await caches.delete(`palpate-attempt-${uuid}`); } catch { /* no cache in an unsafe place */ }
}
