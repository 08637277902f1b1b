// The examiner's sheet: one tap a line; kept on this device at once, sent a moment later, signed at the end. See store.js and sync.js.

import { clockTime, runClock } from "./clock.js";
import { copies } from "./copies.js";
import { askFact, askNote } from "./facts.js";
import { openSheet } from "./open.js";
import { countMarks, Store } from "./store.js";
import { Sync } from "./sync.js";
import { remove } from "./vault.js";

const words = JSON.parse(document.getElementById("words").textContent);
const form = document.getElementById("sheet");
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
const now = () => new Date().toISOString();

const banner = one("[data-banner]");
const opened = await openSheet(words);
if (!opened.boot) {
  banner.textContent = words.notHere;
  banner.hidden = false;
  document.body.classList.add("sheet-locked");
  await new Promise(() => {}); // there is nothing to score
}
const { boot } = opened;
const store = new Store(boot, opened);
const sync = new Sync(store, { token: one("[name=csrfmiddlewaretoken]", form).value, say: heard });
const lines = all("[data-line]").map((element) => ({ element, code: element.dataset.line, critical: "critical" in element.dataset }));
const violations = all("[data-violation]").map((element) => ({ element, code: element.dataset.violation }));
const short = (code) => code.includes(".") ? `(${code.split(".").pop()})` : code;
const slot = (owner) => one("[data-panel]", owner.element);
let sentCount = store.state.confirmed;

// ---- drawing what the store holds

const isDoubtful = (line) => Boolean(store.state.marks[line.code]?.doubt);
const isBlank = (line) => (store.state.marks[line.code]?.rating ?? null) === null || isDoubtful(line);
const left = (count) => (count ? say(words.blank, { n: count }) : words.allScored);

function draw() {
  const { state, closed } = store;
  for (const line of lines) {
    const mark = state.marks[line.code];
    for (const radio of all("input[type=radio]", line.element)) {
      radio.checked = mark?.rating !== null && mark?.rating !== undefined && Number(radio.value) === mark.rating;
      radio.disabled = closed;
    }
    line.element.classList.toggle("zero", line.critical && mark?.rating === 0);
    line.element.classList.toggle("doubt", isDoubtful(line));
    noted(line.element, isDoubtful(line) ? "" : mark?.note);
  }
  for (const violation of violations) {
    const seen = state.violations[violation.code];
    violation.element.classList.toggle("seen", Boolean(seen));
    one("[data-saw]", violation.element).textContent = seen ? words.recorded : words.iSawThis;
    noted(violation.element, seen?.note);
  }
  for (const radio of all("[name=global]", form)) {
    radio.checked = Number(radio.value) === state.global;
    radio.disabled = closed;
  }
  drawCounts();
  drawFoot();
  document.body.classList.toggle("locked", closed);
  showClock();
}

function noted(element, note) {
  const place = one("[data-noted]", element);
  place.textContent = note || "";
  place.hidden = !note;
}

function drawCounts() {
  const { state } = store;
  for (const section of all("[data-section]")) {
    const inside = new Set(all("[data-line]", section));
    one("[data-left]", section).textContent = left(lines.filter((line) => inside.has(line.element) && isBlank(line)).length);
  }
  const seen = Object.keys(state.violations).length;
  const place = one("[data-violations] [data-left]");
  if (place) place.textContent = seen ? say(words.seen, { n: seen }) : words.noneSeen;
  one("[data-global] [data-left]").textContent = state.global === null ? words.blankOne : "";
  one("[data-here]").textContent = store.kept;
  one("[data-sent]").textContent = sentCount;
  one("[data-confirmed]").textContent = state.confirmed;
  one("[data-sent-step]").classList.toggle("gap", Boolean(sync.offlineSince));
  one("[data-when]").textContent = store.saved === false ? words.notKept : state.lastTap ? say(words.lastTap, { time: clockTime(state.lastTap) }) : "";
}

function drawFoot() {
  const { state } = store;
  const last = state.history.at(-1);
  const undo = one("[data-undo]");
  undo.disabled = !last;
  one("[data-undo-words]").textContent = last ? say(words.undoWhat, { what: last.part === "global" ? words.rating : last.part === "violations" ? short(last.code) : last.code }) : words.undo;
  const blank = lines.find(isBlank);
  const open = violations.find(({ element }) => one(".confirm0", element));
  for (const line of lines) line.element.classList.toggle("next", line === blank && !store.closed);
  const next = one("[data-next]");
  next.hash = blank ? `line-${blank.code}` : state.global === null ? "global" : open ? "violations" : "sign";
  one("[data-next-words]").textContent = blank ? say(words.nextBlank, { what: blank.code }) : state.global === null ? words.nextRating : open ? say(words.nextOpen, { what: short(open.code) }) : words.nextSign;
  const missing = lines.filter(isBlank).length + (state.global === null ? 1 : 0);
  one("[data-sign]").disabled = missing > 0 || Boolean(open);
  one("[data-sign-words]").textContent = missing ? say(words.missing, { n: missing }) : open ? say(words.unconfirmed, { what: short(open.code) }) : words.complete;
  one("[data-times]").textContent = [state.startedAt ? say(words.times, { start: clockTime(state.startedAt) }) : "", skewWords()].join(" ");
}

/** How far this clock is off, as the server measured it at the last sync; a second or two is the way there. */
function skewWords() {
  const seconds = (boot.sheet?.skew_ms ?? 0) / 1000;
  if (Math.abs(seconds) < 5) return "";
  return say(seconds > 0 ? words.ahead : words.behind, { off: Math.abs(seconds).toFixed(0) });
}

// ---- tapping

form.addEventListener("change", ({ target }) => {
  if (target.name === "global") return store.change("global", "global", Number(target.value), now());
  const line = lines.find(({ code }) => code === target.name);
  return line && rate(line, Number(target.value));
});

function rate(line, rating) {
  const before = store.state.marks[line.code];
  const doubt = line.critical && rating === 0;
  const mark = { note: "", ...before, rating, at: now() };
  if (doubt) mark.doubt = true;
  else delete mark.doubt;
  store.change("marks", line.code, mark, now());
  if (doubt) askZero(line);
  else slot(line).replaceChildren();
}

function askZero(line) {
  askFact(slot(line), {
    title: say(words.zeroTitle, { code: line.code }), label: say(words.whatHappened, { code: line.code }), action: say(words.confirmZero, { code: line.code }),
    note: store.state.marks[line.code].note ?? "", phrases: words.phrases.slice(0, 4),
    typed: (note) => store.annotate(line.code, note, now()),
    confirm: (note) => {
      const mark = { ...store.state.marks[line.code], note };
      delete mark.doubt;
      store.put("marks", line.code, mark);
      store.touch(now());
    },
    back: () => takeBack("marks", line.code),
  });
}

function takeBack(part, code) {
  const { history } = store.state;
  const index = history.findLastIndex((entry) => entry.part === part && entry.code === code);
  store.put(part, code, index < 0 ? null : history.splice(index, 1)[0].before);
  store.touch(now());
}

for (const line of lines) {
  const button = one("[data-note-for]", line.element);
  button.addEventListener("click", () => {
    if (store.closed || isDoubtful(line)) return;
    const open = slot(line).childElementCount > 0;
    button.setAttribute("aria-expanded", String(!open));
    if (open) return slot(line).replaceChildren();
    return askNote(slot(line), {
      label: say(words.noteOn, { code: line.code }), note: store.state.marks[line.code]?.note ?? "", phrases: words.phrases,
      typed: (note) => store.annotate(line.code, note, now()),
      done: () => { button.setAttribute("aria-expanded", "false"); button.focus(); },
    });
  });
}

function askViolation(violation) {
  const seen = store.state.violations[violation.code];
  const at = seen?.at ?? now();
  askFact(slot(violation), {
    title: seen ? say(words.violationAgain, { code: short(violation.code) }) : say(words.violationTitle, { code: short(violation.code) }),
    label: say(words.whatHappened, { code: short(violation.code) }), action: say(words.confirmViolation, { code: short(violation.code) }),
    note: seen?.note ?? `${clockTime(at).slice(0, 5)} `, phrases: words.phrases.slice(0, 4),
    typed: () => {},
    confirm: (note) => store.change("violations", violation.code, { note, at }, now()),
    back: () => (seen ? store.change("violations", violation.code, null, now()) : draw()),
  });
  drawFoot();
}

for (const violation of violations) {
  one("[data-saw]", violation.element).addEventListener("click", () => { if (!store.closed) askViolation(violation); });
}

one("[data-undo]").addEventListener("click", () => {
  const undone = store.undo(now());
  if (!undone) return;
  const line = lines.find(({ code }) => code === undone.code);
  if (line) slot(line).replaceChildren();
  (line ?? violations.find(({ code }) => code === undone.code))?.element.scrollIntoView({ block: "nearest" });
});

one("[data-next]").addEventListener("click", (event) => {
  event.preventDefault();
  const target = document.getElementById(event.currentTarget.hash.slice(1));
  target.scrollIntoView({ block: "center" });
  (one("input", target) ?? one("button", target))?.focus({ preventScroll: true });
});

const stopDialog = one("[data-stop-dialog]");
one("[data-stop]").addEventListener("click", () => stopDialog.showModal());
for (const { code, text } of boot.checklist.violations) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.append(Object.assign(document.createElement("span"), { className: "ref", textContent: code }), text);
  button.addEventListener("click", () => {
    stopDialog.close();
    askViolation(violations.find((violation) => violation.code === code));
  });
  item.append(button);
  one("[data-stop-list]", stopDialog).append(item);
}

// ---- signing

const signDialog = one("[data-sign-dialog]");
one("[data-sign]").addEventListener("click", () => {
  const recap = one("[data-recap]", signDialog);
  const facts = [
    ...lines.filter((line) => line.critical && store.state.marks[line.code]?.rating === 0).map((line) => say(words.recapZero, { code: line.code })),
    ...Object.keys(store.state.violations).map((code) => say(words.recapViolation, { code: short(code) })),
  ];
  recap.replaceChildren(...facts.map((fact) => Object.assign(document.createElement("li"), { textContent: fact })));
  signDialog.showModal();
});
signDialog.addEventListener("close", () => {
  const name = one("#signature").value.trim();
  if (signDialog.returnValue !== "sign" || !name) return;
  store.sign(name, now());
  sync.send();
  one("main").scrollTo({ top: 0 });
});

// ---- what the server says

function alertWith(text, actions = [], stop = false) {
  banner.classList.toggle("stop", stop);
  const paragraph = Object.assign(document.createElement("p"), { textContent: text });
  const row = Object.assign(document.createElement("div"), { className: "acts" });
  for (const [label, act] of actions) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-2", textContent: label });
    button.addEventListener("click", act);
    row.append(button);
  }
  banner.replaceChildren(paragraph, ...(actions.length ? [row] : []));
  banner.hidden = false;
  banner.scrollIntoView({ block: "nearest" });
}

const { twoCopies, notThisOne } = copies({ store, sync, words, say, alertWith, settle });

function settle(choose) {
  banner.hidden = true;
  for (const owner of [...lines, ...violations]) slot(owner).replaceChildren();
  choose();
  sync.soon(0);
}

function heard(kind, detail) {
  if (kind === "sending") sentCount = detail.count;
  if (kind === "confirmed") {
    boot.sheet = detail;
    if (detail.final) {
      announce(say(words.signed, { time: clockTime(detail.signed_at), name: detail.signature }));
      if (opened.vault) remove(opened.vault, { onlyWhenAllSigned: true });
    } else one("[data-announce]").textContent = "";
    banner.hidden = true;
    drawFoot();
  }
  if (kind === "offline") {
    sentCount = store.state.confirmed;
    one("[data-off-words]").textContent = say(words.offline, { time: clockTime(detail.since).slice(0, 5) });
    if (store.state.final) announce(words.signedHere);
  }
  one("[data-off]").hidden = !sync.offlineSince;
  if (kind === "elsewhere" || kind === "locked") twoCopies();
  if (kind === "aside") notThisOne(detail.detail);
  if (kind === "signin") alertWith(words.signIn, [[words.signInAction, () => { location.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`; }]]);
  if (kind === "refused") {
    if (store.state.final) store.unsign();
    alertWith(`${detail.detail ?? ""} ${words.refused}`, [], true);
  }
  if (kind === "ended") alertWith(words.roleEnded, [], true);
  drawCounts();
}

function announce(text) {
  one("[data-signed]").hidden = false;
  one("[data-signed-words]").textContent = text;
  one("[data-announce]").textContent = text;
}

// ---- begin

one("[data-lines]").inert = false;
const today = new Date().toLocaleDateString("sv"); // 2026-11-28
if (!opened.sole) store.barred = words.otherWindow;
else if (boot.opens_on > today && !boot.sheet) store.barred = say(words.tooEarly, { day: new Date(`${boot.opens_on}T12:00`).toLocaleDateString("en-GB", { dateStyle: "full" }) });
const showClock = runClock(one("[data-clock]"), store, words);
store.subscribe((kind) => {
  if (kind === "kept") drawCounts();
  else draw();
  if (kind === "changed") sync.soon();
});
addEventListener("beforeunload", (event) => { if (store.unsent && (store.saved === false || store.writing)) event.preventDefault(); });
draw();
for (const line of lines) if (isDoubtful(line) && !store.closed) askZero(line);
if (store.state.final) announce(store.unsent ? words.signedHere : say(words.signed, { time: clockTime(boot.sheet?.signed_at ?? store.state.finishedAt), name: store.state.signature }));
if (store.barred) alertWith(store.barred);
else if (store.state.aside) notThisOne(store.state.aside);
else if (store.conflict === "elsewhere") twoCopies();
else if (store.conflict) notThisOne(say(store.conflict === "device" ? words.elsewhereNow : words.reissued, { there: countMarks(store.state), time: clockTime(boot.sheet.synced_at).slice(0, 5) }));
else {
  const { sheet } = boot;
  if (!opened.local && sheet?.issued_anew && !sheet.device && !sheet.final) alertWith(say(words.goesOn, { there: countMarks(store.state), time: clockTime(sheet.synced_at).slice(0, 5) }));
  else if (!opened.downloaded) alertWith(words.onlyOnline, [[words.download, () => { location.href = one("[data-back]").href; }]]);
  sync.soon(0);
}
