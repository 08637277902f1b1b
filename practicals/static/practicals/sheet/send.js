// Sends every sheet of an unlocked day that the server has not confirmed. Sheets open in another window are left to it.

import { bootOf } from "./open.js";
import { countMarks, Store } from "./store.js";
import { put } from "./sync.js";
import { SealedSheet, deviceName, progress } from "./vault.js";

const AT_ONCE = 3;

/** Runs `act` unless a window has the sheet open; resolves to null then. */
function unlessOpen(uuid, act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(`palpate-sheet:${uuid}`, { ifAvailable: true }, (lock) => (lock ? act() : null));
}

/** The state of a sheet as this device holds it, or null where nothing was tapped. */
export async function stateOf(vault, key, uuid) {
  return new SealedSheet(vault, key, uuid).read();
}

async function sendOne(vault, key, day, uuid) {
  const keeper = new SealedSheet(vault, key, uuid);
  const boot = bootOf(day, uuid);
  boot.sheet = null; // as it was at the download; what is here is newer
  const store = new Store(boot, { keeper, local: await keeper.read(), device: deviceName() });
  if (!store.unsent) return "sent";
  const content = store.content();
  const answer = await put(store, content);
  if (answer === null || answer.status >= 500 || answer.status === 429) return "offline";
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) {
    await store.confirm(content.rev, countMarks(store.state), said.final);
    return "sent";
  }
  if (answer.status === 401) return "signin";
  if (answer.status === 409 && said.errors?.kept) {
    store.putAside(content.rev, said.detail);
    await store.writing;
    return "aside";
  }
  return "look";
}

/** Resolves to {outcome: [assignments]}; `told(done, all)` after each. Stops at the first that finds no network or no sign-in. */
export async function sendAll(vault, key, day, told) {
  const waiting = [...await progress(vault)].filter(([, row]) => row.waits).map(([uuid]) => uuid);
  const outcomes = { sent: [], aside: [], look: [], offline: [], signin: [], open: [] };
  const all = waiting.length;
  let stopped = false;
  const work = async () => {
    while (waiting.length && !stopped) {
      const uuid = waiting.shift();
      const outcome = (await unlessOpen(uuid, () => sendOne(vault, key, day, uuid))) ?? "open";
      outcomes[outcome].push(uuid);
      stopped ||= outcome === "offline" || outcome === "signin";
      told(Object.values(outcomes).flat().length, all);
    }
  };
  told(0, all);
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}
