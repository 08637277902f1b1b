// The examiner's desk: each exam day with what of it lies on this device. Without a network the list itself comes from there.

import { Device } from "./device.js";
import { keepPages, ready } from "./holder.js";
import { isSecure, progress, remove, vaults } from "./vault.js";

const words = JSON.parse(document.getElementById("words").textContent);
const one = (selector, within = document) => within.querySelector(selector);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
const copyOf = (name) => one(`[data-${name}-template]`).content.firstElementChild.cloneNode(true);

/** [shape, words] of an assignment as this device knows it; null: as the server said. */
function standing(state) {
  if (!state) return null;
  if (state.aside) return ["held", words.beside];
  if (state.waits) return state.final ? ["due", words.signedHere] : ["due", say(words.kept, { n: state.here, m: state.confirmed })];
  return state.final ? ["done", words.signed] : ["now", words.begun];
}

function mark(item, found) {
  const status = one(".status", item);
  status.dataset.was ??= `${status.className}|${status.textContent}`;
  const [shape, text] = found ? [`status ${found[0]}`, found[1]] : status.dataset.was.split("|");
  status.className = shape;
  status.textContent = text;
}

function row(assignment, zone) {
  const item = copyOf("task");
  item.dataset.task = assignment.uuid;
  one("a", item).href = `/examine/sheets/${assignment.uuid}/`;
  one("[data-time]", item).textContent = new Date(assignment.starts_at).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  one("[data-number]", item).textContent = assignment.candidate_number;
  one("[data-station]", item).textContent = `${assignment.station} ${assignment.title}`;
  one("[data-minutes]", item).textContent = say(words.minutes, { n: assignment.minutes, place: assignment.place });
  const [shape, text] = { to_score: ["waiting", words.toScore], begun: ["now", words.begun], signed: ["done", words.signed] }[assignment.state];
  Object.assign(one(".status", item), { className: `status ${shape}`, textContent: text });
  return item;
}

/** The list of an unlocked day; a locked one has none. */
function fill(section, day) {
  const rows = [...(day?.assignments ?? [])].sort((a, b) => a.starts_at.localeCompare(b.starts_at) || a.place.localeCompare(b.place));
  one("[data-place]", section).textContent = day?.place ?? "";
  const list = one("[data-tasks]", section);
  if (list.childElementCount !== rows.length) list.replaceChildren(...rows.map((assignment) => row(assignment, day.zone)));
}

function begin(section, { uuid, vault, listed }) {
  const drawn = (day, states) => {
    if (!listed) fill(section, day);
    for (const item of section.querySelectorAll("[data-task]")) mark(item, standing(states.get(item.dataset.task)));
  };
  return new Device(one("[data-device]", section), { uuid, vault, words, drawn, answered: reached }).begin();
}

/** A network that was too slow for the page may still be there for what is sent: say so, and show the way to the list. */
function reached() {
  const [cut, back] = ["[data-cut]", "[data-there]"].map((selector) => one(selector));
  if (cut) [cut.hidden, back.hidden] = [true, false];
}

function sectionOf(vault, places) {
  const section = copyOf("day");
  section.dataset.day = vault.day;
  one("[data-date]", section).textContent = new Date(`${vault.date}T12:00`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  places.append(section);
  return section;
}

/** Days on this device that the server's list does not show: older copies and other people's. Those in which nothing waits have had their time. */
async function others(kept, places) {
  for (const vault of kept) {
    const waits = [...(await progress(vault)).values()].some((sheet) => sheet.waits);
    if (waits) await begin(sectionOf(vault, places), { uuid: vault.day, vault, listed: false });
    else if (vault.date < new Date().toLocaleDateString("sv")) await remove(vault);
  }
}

async function all() {
  const places = one("[data-days]");
  const sections = [...document.querySelectorAll("[data-day]")].filter((section) => one("[data-device]", section));
  if (!isSecure()) {
    for (const section of sections) one("[data-device]", section).textContent = words.notSecure;
    return;
  }
  await ready();
  const kept = await vaults();
  if ("offline" in places.dataset) {
    one("[data-nothing]").hidden = kept.length > 0;
    await Promise.all(kept.map((vault) => begin(sectionOf(vault, places), { uuid: vault.day, vault, listed: false })));
    return;
  }
  const { examiner } = one("[data-device-template]").dataset;
  const mine = (uuid) => kept.find((vault) => vault.day === uuid && vault.examiner === examiner) ?? null;
  const listed = sections.map((section) => ({ section, uuid: section.dataset.day, vault: mine(section.dataset.day) }));
  await Promise.all(listed.map(({ section, uuid, vault }) => begin(section, { uuid, vault, listed: true })));
  await others(kept.filter((vault) => !listed.some((row) => row.vault === vault)), places);
  if (kept.length) keepPages(); // as they are now: the server may have been renewed since
}

/** From the list of this device to the server's, once the server answers: a network that only flickered must not take anybody from what they opened meanwhile. */
async function comeBack() {
  const answer = await fetch("/examine/", { method: "HEAD" }).catch(() => null);
  if (answer?.ok) location.assign("/examine/");
}

addEventListener("online", () => { if ("offline" in one("[data-days]").dataset) comeBack(); });
all();
