// Opens one sheet: from the page the server sent, or, without a network, from the day on this device; and finds where it is kept.

import { heldKey, hold, ready } from "./holder.js";
import { LooseSheet, NoSheet, PlainSheet, SealedSheet, deviceName, isSecure, readDay, unwrap, vaults } from "./vault.js";

const one = (selector, within = document) => within.querySelector(selector);
const PATIENCE = 1500; // milliseconds; a page that is being reloaded lets go of its sheet a moment later

/** Resolves to whether this window alone has the sheet; `later` is called when another window lets go of it. */
function alone(uuid, later) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    let waited = false;
    const timer = setTimeout(() => { waited = true; resolve(false); }, PATIENCE);
    navigator.locks.request(`palpate-sheet:${uuid}`, () => {
      clearTimeout(timer);
      if (waited) later();
      else resolve(true);
      return new Promise(() => {}); // until the window goes
    });
  });
}

/** The key of a vault: held by the worker, or asked of the person. */
async function keyOf(vault) {
  const held = await heldKey(vault);
  if (held) return held;
  const panel = one("[data-unlock]");
  const input = one("#passphrase");
  const wrong = one("[data-unlock-error]");
  panel.hidden = false;
  document.body.classList.add("sheet-locked");
  input.focus();
  return new Promise((resolve) => {
    const attempt = async () => {
      try {
        const key = await unwrap(vault, input.value);
        await hold(vault, key);
        panel.hidden = true;
        document.body.classList.remove("sheet-locked");
        input.value = "";
        resolve(key);
      } catch {
        wrong.hidden = false;
        input.setAttribute("aria-invalid", "true");
        input.select();
      }
    };
    one("[data-unlock-now]").addEventListener("click", attempt);
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); attempt(); } });
  });
}

/** An assignment of a downloaded day, as the page of a single one has it. */
export function bootOf(day, uuid) {
  const assignment = day.assignments.find((row) => row.uuid === uuid);
  if (!assignment) return null;
  return { ...assignment, checklist: day.checklists[assignment.checklist], global_ratings: day.global_ratings, server_time: day.server_time };
}

function fillShell(boot, words) {
  const say = (name, text) => { one(`[data-head=${name}]`).textContent = text; };
  const { checklist } = boot;
  const title = words.heading.replace("{code}", checklist.code).replace("{title}", checklist.title);
  say("number", boot.candidate_number);
  say("title", title);
  say("scenario", checklist.scenario);
  say("where", words.where.replace("{version}", checklist.version).replace("{place}", boot.place));
  one("[data-guard]").hidden = !boot.guard;
  one("[data-guard-avoid]").hidden = !boot.guard?.avoid;
  say("avoid", boot.guard?.avoid ?? "");
  say("client", boot.guard?.client ?? "");
  one("[data-lines]").innerHTML = checklist.page; // made by our own template, and sealed since
  document.title = `${title}, ${boot.candidate_number}`;
}

/** {boot, keeper, local, sole, device, downloaded}; boot is null when there is neither network nor a download of it. */
export async function openSheet(words) {
  const given = document.getElementById("boot");
  let boot = given ? JSON.parse(given.textContent) : null;
  if (boot && boot.mode !== "exam") {
    const keeper = new PlainSheet(boot.uuid);
    return { boot, keeper, local: await keeper.read(), sole: true, device: "", downloaded: true };
  }
  if (!isSecure()) return { boot, keeper: new NoSheet(), local: null, sole: true, device: deviceName(), downloaded: true };
  const uuid = boot?.uuid ?? location.pathname.match(/[0-9a-f-]{36}/)?.[0];
  const sole = await alone(uuid, () => location.reload());
  await ready();
  const vault = (await vaults()).find(({ assignments }) => assignments.includes(uuid));
  const key = vault && await keyOf(vault);
  const keeper = vault ? new SealedSheet(vault, key, uuid) : await LooseSheet.of(uuid);
  const local = await keeper.read();
  if (!boot && vault) {
    boot = bootOf(await readDay(vault, key), uuid);
    if (local) boot.sheet = null; // as it was at the download; what is here is newer
    fillShell(boot, words);
  }
  return { boot, keeper, local, sole, device: deviceName(), downloaded: Boolean(vault), vault };
}

