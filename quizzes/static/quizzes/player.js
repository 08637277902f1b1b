// The player: one question a page, every change saved, the back button safe.
//
// The address's #number is the question, so that back and forward walk through the questions and a reload stays where it was.

import { Clock } from "./clock.js";
import { keepPage, reaches } from "./offline.js";
import { Presence } from "./presence.js";
import { isAnswered, render } from "./question.js";
import { Queue, send } from "./queue.js";
import { Store, forget } from "./store.js";
import { scale, sentence, tens } from "./strip.js";
import { el, fill, read, time } from "./words.js";

const TYPING = 600; // milliseconds after the last key

const data = read("attempt-data");
const words = read("player-words");
const root = document.querySelector("[data-player]");
const find = (name) => document.querySelector(`[data-${name}]`);
const { result, review, quiz } = root.dataset;
const atOnce = root.dataset.atOnce === "yes";
const total = data.questions.length;

const states = new Map(data.responses.map((row) => [row.position, { answer: row.answer, flagged: row.flagged, savedAt: row.saved_at, checked: row.checked }]));
const explained = new Map();
let shown = 0;
let lastSaved = data.responses.map((row) => row.saved_at).filter(Boolean).sort().at(-1) ?? null;
let closed = false;
let typing = null; // a change that waits for the next key
let presence = null;

const say = (text) => { find("said").textContent = text; };

// Saving

const store = await Store.of(data.uuid);
const queue = new Queue({
  uuid: data.uuid,
  store,
  known: new Map(data.responses.map((row) => [row.position, row.seq])),
  on: {
    saved(position, stored) {
      lastSaved = stored.saved_at;
    },
    echo(position, stored) {
      lastSaved = stored.saved_at;
      Object.assign(states.get(position), { answer: stored.answer, flagged: stored.flagged });
      notice("caution", fill(words.elsewhere, { n: position }), words.elsewhere_more);
      if (position === shown) draw();
      else mark();
    },
    refused(position) {
      notice("stop", fill(words.refused, { n: position }), words.refused_more);
    },
    closed(code) {
      if (code === "submitted" || code === "time_up") leave();
    },
    state: showState,
  },
});

function change(position, answer, flagged) {
  const state = states.get(position);
  Object.assign(state, { answer, flagged });
  queue.put(position, answer, flagged);
  mark();
}

function answered(position, answer, { soon = false } = {}) {
  clearTimeout(typing?.timer);
  typing = null;
  if (!soon) {
    change(position, answer, states.get(position).flagged);
    return;
  }
  states.get(position).answer = answer;
  typing = { timer: setTimeout(settle, TYPING), position, answer };
  mark();
}

/** Save now what was still being typed. */
function settle() {
  if (typing) answered(typing.position, typing.answer);
}

addEventListener("pagehide", settle);
document.addEventListener("visibilitychange", settle, true);

const AWAY = new Set(["offline", "signed-out", "shut-out", "on-break"]);
let wasAway = false;

function showState() {
  const count = queue.waiting.size;
  const line = find("saved");
  const parts = [];
  if (AWAY.has(queue.state)) {
    parts.push(el("span", { class: "status due", text: queue.keeps ? words.kept : words.kept_in_window }), ` ${time(Date.now())} · ${fill(words.to_send, { n: count })}`);
  } else if (count) {
    parts.push(el("span", { class: "status waiting", text: words.saving }));
  } else if (lastSaved) {
    parts.push(el("span", { class: "status done", text: words.saved }), " ", el("b", { class: "num", text: time(lastSaved) }));
  } else {
    parts.push(words.as_you_go);
  }
  line.replaceChildren(...parts);
  connection();
  if (wasAway && queue.state === "idle") presence?.now();
  wasAway = AWAY.has(queue.state) || (wasAway && queue.state === "sending");
}

function connection() {
  const place = find("connection");
  if (queue.state === "offline" && place.dataset.says !== "offline") {
    const more = queue.keeps ? words.offline_more : words.offline_window;
    place.replaceChildren(box("caution", words.offline, fill(more, { time: time(queue.since) }), root.dataset.sitting === "yes" ? words.raise_hand : ""));
    place.dataset.says = "offline";
  } else if (queue.state === "signed-out" && place.dataset.says !== "signed-out") {
    const link = el("a", { href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}`, target: "_blank", text: words.sign_in });
    place.replaceChildren(box("stop", words.signed_out, words.signed_out_more, link));
    place.dataset.says = "signed-out";
  } else if (queue.state === "shut-out" && place.dataset.says !== "shut-out") {
    place.replaceChildren(box("stop", words.shut_out, words.shut_out_more, el("a", { href: location.pathname, text: words.try_again })));
    place.dataset.says = "shut-out";
  } else if (queue.state === "on-break" && place.dataset.says !== "on-break") {
    location.reload();
    place.dataset.says = "on-break";
  } else if (queue.state === "idle" && place.dataset.says) {
    place.replaceChildren();
    delete place.dataset.says;
  }
  if (queue.state === "idle" && find("notice").dataset.until === "sent") find("notice").replaceChildren();
}

function box(tone, strong, more, ...rest) {
  return el("div", { class: `notice ${tone}` }, el("strong", { text: strong }), more ? el("p", {}, more, rest.length ? " " : "", ...rest) : null);
}

/** `until: "sent"`: it goes when nothing waits any more. */
function notice(tone, strong, more, { until = "" } = {}) {
  const place = find("notice");
  place.replaceChildren(box(tone, strong, more));
  place.dataset.until = until;
}

// Showing

function marks() {
  return data.questions.map(({ position }) => {
    const state = states.get(position);
    return { position, answered: isAnswered(state.answer), flagged: state.flagged };
  });
}

function mark() {
  const all = marks();
  const focused = document.activeElement?.closest("[data-tens]") && document.activeElement.getAttribute("href");
  scale(find("scale"), all, shown, sentence(words.scale, all, shown));
  tens(find("tens"), all, shown, words);
  if (focused) find("tens").querySelector(`[href="${focused}"]`)?.focus();
  find("tally").textContent = sentence(words.tally, all, shown);
  const { flagged } = states.get(shown);
  find("flag").textContent = flagged ? words.unflag : words.flag;
  find("flag").setAttribute("aria-pressed", String(flagged));
  const check = find("check");
  if (check) check.hidden = !canCheck();
  find("next").classList.toggle("btn-2", Boolean(check && !check.hidden));
}

const canCheck = () => atOnce && !states.get(shown).checked && isAnswered(states.get(shown).answer);

function draw() {
  const question = data.questions[shown - 1];
  const state = states.get(shown);
  const heading = fill(words.question, { n: shown, total });
  const frame = render(question, {
    answer: state.answer, locked: state.checked || closed, explained: explained.get(shown), heading, words, say,
    change: (answer, how) => answered(question.position, answer, how),
  });
  find("question").replaceChildren(frame);
  find("back").disabled = shown === 1;
  find("next").textContent = shown === total ? words.review : words.next;
  document.title = fill(words.title, { n: shown, total, quiz });
  find("flag").hidden = state.checked;
  mark();
  if (state.checked && !explained.has(shown)) explain(shown);
}

function go(position, focus = true) {
  settle();
  shown = Math.min(Math.max(1, position || 1), total);
  find("notice").replaceChildren();
  draw();
  if (!focus) return;
  scrollTo(0, 0);
  document.getElementById("question-text")?.focus({ preventScroll: true });
}

const wanted = () => Number.parseInt(location.hash.slice(1), 10);
addEventListener("hashchange", () => go(wanted()));

// Practice: checked at once

async function explain(position) {
  const check = find("check");
  if (check) check.disabled = true;
  try {
    if (!(await queue.flush())) return;
    const response = await send("POST", `/api/v1/attempts/${data.uuid}/responses/${position}/check/`);
    if (!response.ok) {
      notice("caution", (await response.json()).detail, "");
      return;
    }
    explained.set(position, await response.json());
    states.get(position).checked = true;
    if (position !== shown) return;
    draw();
    const verdict = document.querySelector(".verdict");
    verdict.focus({ preventScroll: true });
    verdict.scrollIntoView({ block: "nearest" });
  } catch {
    showState();
  } finally {
    if (check) check.disabled = false;
  }
}

// Leaving

let leaving = false;

/** What waits goes first: after the time it is kept beside. What cannot be sent now stays on this device, and the next page sends it. */
async function leave() {
  if (leaving) return;
  leaving = closed = true;
  settle();
  presence?.stop();
  const sent = await queue.flush();
  queue.stop();
  if (sent) await forget(data.uuid);
  location.replace(result);
}

async function timeUp() {
  settle();
  closed = true;
  draw();
  notice("caution", words.time_up, words.time_up_more);
  await queue.flush();
  for (let wait = 1; ; wait = Math.min(30, wait * 2)) {
    try {
      const response = await send("POST", `/api/v1/attempts/${data.uuid}/submit/`);
      if (response.ok || response.status === 404) break;
    } catch {
      notice("caution", words.time_up, words.time_up_offline);
    }
    await new Promise((resume) => setTimeout(resume, wait * 1000));
  }
  leave();
}

find("back").addEventListener("click", () => { location.hash = shown - 1; });
find("next").addEventListener("click", async () => {
  if (shown < total) {
    location.hash = shown + 1;
    return;
  }
  toReview();
});
find("all").addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  toReview();
});

/** What waits goes first, and nobody is led to a page that no network brings. */
async function toReview() {
  settle();
  if (!(await queue.flush())) notice("caution", words.unsent_offline, "", { until: "sent" });
  else if (await reaches(review)) location.assign(review);
  else notice("caution", words.offline, words.review_offline);
}

find("flag").addEventListener("click", () => {
  settle();
  const state = states.get(shown);
  change(shown, state.answer, !state.flagged);
});
find("check")?.addEventListener("click", () => { settle(); explain(shown); });
find("form").addEventListener("submit", (event) => { event.preventDefault(); settle(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
addEventListener("beforeunload", (event) => { if (queue.waiting.size && !closed) event.preventDefault(); });

// A break: what waits goes first, because nothing is saved while it lasts.

find("break")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  settle();
  const form = event.target;
  if (!(await queue.flush())) notice("caution", words.break_offline, "");
  else if (await reaches(review)) form.submit();
  else notice("caution", words.break_later, "");
});

// The clock, as the server last told it: this page may be older than what was heard since, when it was opened without network.

const heard = await store.clock().catch(() => null);
const stale = heard && Date.parse(heard.server_time) > Date.parse(data.server_time);
let due = stale ? heard.due_at : data.due_at;
const keepClock = (told) => store.keepClock(told).catch(() => {});
if (!stale) keepClock(data);

for (const [position, entry] of await queue.recover()) {
  const state = states.get(position);
  if (!state) continue;
  Object.assign(state, { answer: entry.answer, flagged: entry.flagged });
  if (entry.sent && entry.saved_at > (lastSaved ?? "")) lastSaved = entry.saved_at;
}
go(wanted(), false);
showState();
root.hidden = false;
const clock = due && new Clock({
  due, server: stale ? heard.server_time : data.server_time, ago: stale ? Date.now() - heard.heard : 0, head: find("head"), words,
  on: { late: () => say(words.late), up: timeUp },
});
presence = root.dataset.present === "yes" ? new Presence({
  uuid: data.uuid,
  unsent: () => queue.waiting.size,
  on: {
    told(told) {
      if (told.state === "submitted") leave();
      else if (told.paused_at) location.reload();
      else {
        keepClock(told);
        if (clock && told.due_at !== due) say(words.credited);
        due = told.due_at;
        clock?.move({ due, server: told.server_time });
        if (AWAY.has(queue.state)) queue.now();
      }
    },
    shutOut() {
      queue.set("shut-out");
    },
    away() {},
  },
}) : null;
keepPage(data.uuid, data.questions.flatMap(({ media }) => media.map(({ url }) => url)));
