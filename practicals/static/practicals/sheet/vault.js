// What lies on this device, encrypted: a vault a downloaded day, and loose sheets of days that were not downloaded. No DOM and no network here.
//
// A vault's rows are sealed with AES-GCM under a data key that is itself wrapped by a key made of the passphrase (PBKDF2-SHA-256). Outside the
// seal stand only which assignments it holds, and how far each sheet was sent: enough to know, without the passphrase, whether anything
// waits, since a vault is deleted only when every line in it is confirmed. For a forgotten passphrase the data key is also sealed with the public
// key of the day, of which the server alone has the other half; it is sent only when the examiner asks. Rows are bound to their place: one moved elsewhere does not open.

const NAME = "palpate-examiner";
const ROUNDS = 600_000;
const LOOSE = "loose";

export const isSecure = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const done = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

let opened;
const database = () => (opened ??= (() => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("vaults", { keyPath: "id" });
    request.result.createObjectStore("rows"); // key: [vault, name]
    request.result.createObjectStore("keys"); // the key of loose sheets, which no script can read out
  };
  return asked(request);
})());

const writing = async (...stores) => (await database()).transaction(stores, "readwrite", { durability: "strict" });
const reading = async (...stores) => (await database()).transaction(stores, "readonly");
const rowsOf = (vault) => IDBKeyRange.bound([vault], [vault, []]);
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const utf8 = new TextEncoder();

async function seal(key, place, value) {
  const iv = random(12);
  const text = utf8.encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(place) }, key, text) };
}

async function unseal(key, place, { iv, data }) {
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(place) }, key, data);
  return JSON.parse(new TextDecoder().decode(text));
}

async function keyOf(passphrase, salt, rounds) {
  const said = await crypto.subtle.importKey("raw", utf8.encode(passphrase.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, said, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** Vaults on this device, the newest first. */
export async function vaults() {
  const found = await asked((await reading("vaults")).objectStore("vaults").getAll());
  return found.sort((one, other) => other.since.localeCompare(one.since));
}

/** Lock a downloaded day under a passphrase, and take the loose sheets of its assignments in. Resolves to {vault, key}. */
export async function create(day, passphrase, since) {
  const id = crypto.randomUUID();
  const salt = random(16);
  const iv = random(12);
  const data = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", data, await keyOf(passphrase, salt, ROUNDS), { name: "AES-GCM", iv });
  const recovery = await sealedForTheDay(data, day.recovery_key);
  const vault = { id, recovery, day: day.uuid, examiner: day.examiner, date: day.date, since, salt, rounds: ROUNDS, iv, wrapped, assignments: day.assignments.map(({ uuid }) => uuid) };
  const key = await unwrap(vault, passphrase);
  const loose = await looseSheets(vault.assignments);
  const rows = [["day", await seal(key, `${id}/day`, day)]];
  for (const [uuid, { state, progress }] of loose) rows.push([`sheet:${uuid}`, { ...await seal(key, `${id}/sheet:${uuid}`, state), ...progress }]);
  const transaction = await writing("vaults", "rows");
  transaction.objectStore("vaults").put(vault);
  for (const [name, row] of rows) transaction.objectStore("rows").put(row, [id, name]);
  for (const uuid of loose.keys()) transaction.objectStore("rows").delete([LOOSE, `sheet:${uuid}`]);
  await done(transaction);
  return { vault, key };
}

/** The data key; it cannot be read out of the browser. Throws for a wrong passphrase. */
export async function unwrap(vault, passphrase) {
  const key = await keyOf(passphrase, vault.salt, vault.rounds);
  return crypto.subtle.unwrapKey("raw", vault.wrapped, key, { name: "AES-GCM", iv: vault.iv }, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** The data key under the public key of the day, for a forgotten passphrase; null where this browser cannot. */
async function sealedForTheDay(data, spki) {
  try {
    const key = await crypto.subtle.importKey("spki", bytes(spki), { name: "RSA-OAEP", hash: "SHA-256" }, false, ["wrapKey"]);
    return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.wrapKey("raw", data, key, "RSA-OAEP"))));
  } catch { return null; }
}

/** Lock a vault under another passphrase, with its data key (base64) as the server gave it back. Throws where that is not its key. */
export async function lockAnew(vault, given, passphrase) {
  const data = await crypto.subtle.importKey("raw", bytes(given), "AES-GCM", true, ["encrypt", "decrypt"]);
  await readDay(vault, data);
  const salt = random(16);
  const iv = random(12);
  const wrapped = await crypto.subtle.wrapKey("raw", data, await keyOf(passphrase, salt, ROUNDS), { name: "AES-GCM", iv });
  const anew = { ...vault, salt, rounds: ROUNDS, iv, wrapped };
  const transaction = await writing("vaults");
  transaction.objectStore("vaults").put(anew);
  await done(transaction);
  return { vault: anew, key: await unwrap(anew, passphrase) };
}

async function read(vault, key, name) {
  const row = await asked((await reading("rows")).objectStore("rows").get([vault, name]));
  return row ? unseal(key, `${vault}/${name}`, row) : null;
}

export const readDay = (vault, key) => read(vault.id, key, "day");

const progressOf = ({ rev, confirmedRev, final }) => ({ rev, confirmedRev, final });
const waits = (row) => row.rev > row.confirmedRev;

/** How far each sheet of a vault was sent, by assignment, without its key. */
export async function progress(vault) {
  const rows = (await reading("rows")).objectStore("rows");
  const [keys, values] = await Promise.all([asked(rows.getAllKeys(rowsOf(vault.id))), asked(rows.getAll(rowsOf(vault.id)))]);
  return new Map(keys.flatMap(([, name], index) => (name.startsWith("sheet:") ? [[name.slice(6), { ...progressOf(values[index]), waits: waits(values[index]) }]] : [])));
}

/** Delete a vault, if nothing in it waits to be confirmed. Looked at and deleted in one transaction. Resolves to whether it is gone. */
export async function remove(vault, { onlyWhenAllSigned = false } = {}) {
  const transaction = await writing("vaults", "rows");
  const rows = transaction.objectStore("rows");
  const [keys, values] = await Promise.all([asked(rows.getAllKeys(rowsOf(vault.id))), asked(rows.getAll(rowsOf(vault.id)))]);
  const sheets = values.filter((_row, index) => keys[index][1].startsWith("sheet:"));
  const free = !sheets.some(waits) && (!onlyWhenAllSigned || sheets.filter(({ final }) => final).length === vault.assignments.length);
  if (free) {
    rows.delete(rowsOf(vault.id));
    transaction.objectStore("vaults").delete(vault.id);
  }
  await done(transaction);
  return free;
}

/** Where one sheet of a vault is kept. */
export class SealedSheet {
  constructor(vault, key, uuid) { Object.assign(this, { place: vault.id, key, name: `sheet:${uuid}` }); }

  read() { return read(this.place, this.key, this.name); }

  /** Resolves once it is on the disk. A vault that is gone is not begun again. */
  async write(state) {
    const row = { ...await seal(this.key, `${this.place}/${this.name}`, state), ...progressOf(state) };
    const transaction = await writing("vaults", "rows");
    if (this.place === LOOSE || await asked(transaction.objectStore("vaults").getKey(this.place))) transaction.objectStore("rows").put(row, [this.place, this.name]);
    return done(transaction);
  }

  async settled() { /* it goes with its vault */ }
}

async function looseKey() {
  const kept = await asked((await reading("keys")).objectStore("keys").get(LOOSE));
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const transaction = await writing("keys");
  transaction.objectStore("keys").put(made, LOOSE);
  await done(transaction);
  return made;
}

async function looseSheets(assignments) {
  const found = new Map();
  const key = await looseKey();
  for (const uuid of assignments) {
    const row = await asked((await reading("rows")).objectStore("rows").get([LOOSE, `sheet:${uuid}`]));
    if (row) found.set(uuid, { state: await unseal(key, `${LOOSE}/sheet:${uuid}`, row), progress: progressOf(row) });
  }
  return found;
}

/** Where a sheet is kept whose day was not downloaded: until it is confirmed, under a key of this browser. */
export class LooseSheet extends SealedSheet {
  static async of(uuid) { return new LooseSheet({ id: LOOSE }, await looseKey(), uuid); }

  async settled() {
    const transaction = await writing("rows");
    transaction.objectStore("rows").delete([this.place, this.name]);
    await done(transaction);
  }
}

/** Where a sheet is kept that certifies nothing: in plain sight. */
export class PlainSheet {
  constructor(uuid) { this.name = `palpate-sheet:${uuid}`; }

  async read() { try { return JSON.parse(localStorage.getItem(this.name)); } catch { return null; } }

  async write(state) { localStorage.setItem(this.name, JSON.stringify(state)); }

  async settled() { localStorage.removeItem(this.name); }
}

/** Nowhere: the browser keeps nothing for us. */
export class NoSheet {
  async read() { return null; }

  async write() { throw new Error("nothing is kept here"); }

  async settled() { /* nothing was kept */ }
}

/** The name by which the server knows this device; it stays until the browser's data are cleared. */
export function deviceName() {
  const name = "palpate-device";
  try {
    let known = localStorage.getItem(name);
    if (!known) localStorage.setItem(name, known = [...random(16)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    return known;
  } catch {
    return "";
  }
}
