// One day on this device: download it, unlock it, send what waits, lock it, remove it. Says in words how it stands.

import { clockTime } from "./clock.js";
import { drop, heldKey, hold, keepPages } from "./holder.js";
import { sendAll, stateOf } from "./send.js";
import { countMarks } from "./store.js";
import { csrfToken } from "./sync.js";
import { create, deviceName, lockAnew, progress, readDay, remove, unwrap } from "./vault.js";

const SHORTEST = 10;
const AGAIN = 20_000; // milliseconds between two looks for the network
const one = (selector, within) => within.querySelector(selector);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
const moment = (iso) => {
  const at = new Date(iso);
  const day = at.toDateString() === new Date().toDateString() ? "" : `${at.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}, `;
  return day + clockTime(at).slice(0, 5);
};

export class Device {
  /** `place` is where it stands; `vault` what is on this device, if anything; `drawn(day, states)` is told whenever what is here has changed, `answered()` when the server has answered. */
  constructor(place, { uuid, vault = null, words, drawn = () => {}, answered = () => {} }) {
    Object.assign(this, { uuid, vault, words, drawn, answered, key: null, day: null, look: [], signedOut: false });
    this.panel = document.querySelector("[data-device-template]").content.firstElementChild.cloneNode(true);
    this.name = `device-${uuid}`;
    for (const label of this.panel.querySelectorAll("[data-for]")) this.describe(label.closest(".field"), label.dataset.for);
    place.replaceChildren(this.panel);
    this.form("download", (form) => this.download(form));
    this.form("unlock", (form) => this.unlock(form));
    this.form("forgotten", (form) => this.reopen(form));
    const acts = { forgot: () => { this.asking = true; this.show("forgotten", this.words.forgot); }, download: () => this.show("download"), cancel: () => { this.asking = false; this.draw(); }, send: () => this.send(), lock: () => this.lock(), again: () => this.show("download"), remove: () => this.remove() };
    for (const button of this.panel.querySelectorAll("button[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
    addEventListener("online", () => this.send());
    addEventListener("offline", () => this.draw());
    setInterval(() => { if (this.waits && document.visibilityState === "visible") this.send(); }, AGAIN);
  }

  describe(field, name) {
    const input = one("input", field);
    const parts = field.querySelectorAll("[data-hint], [data-error]");
    input.id = `${this.name}-${name}`;
    one("label", field).htmlFor = input.id;
    for (const part of parts) part.id = `${input.id}-${part.dataset.hint ? "hint" : "error"}`;
    input.setAttribute("aria-describedby", [...parts].map(({ id }) => id).join(" "));
  }

  form(part, act) {
    const form = one(`form[data-part=${part}]`, this.panel);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.wrong(form); act(form.elements); });
  }

  /** Mark one field as wrong, or none. */
  wrong(form, name = "", sentence = "") {
    for (const error of form.querySelectorAll("[data-error]")) {
      const input = form.elements[error.dataset.error];
      error.hidden = error.dataset.error !== name;
      error.textContent = error.hidden ? "" : sentence;
      input.toggleAttribute("aria-invalid", !error.hidden);
      if (!error.hidden) input.focus();
    }
  }

  /** Look whether an earlier page has unlocked it, and draw. */
  async begin() {
    if (this.vault) this.key = await heldKey(this.vault);
    if (this.key) this.day = await readDay(this.vault, this.key);
    await this.draw();
    if (this.key) await this.send();
  }

  async download({ new: first, again }) {
    const form = first.form;
    if (first.value.length < SHORTEST) return this.wrong(form, "new", this.words.tooShort);
    if (first.value !== again.value) return this.wrong(form, "again", this.words.notSame);
    const passphrase = first.value;
    this.show(null, this.words.downloading);
    let answer;
    try {
      answer = await fetch(`/api/v1/practicals/days/${this.uuid}/download/`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ device: deviceName(), device_time: new Date().toISOString() }),
      });
    } catch {
      return this.draw(this.words.noNetwork);
    }
    if (!answer.ok) return this.draw(answer.status >= 500 ? this.words.noNetwork : this.words.refused);
    try {
      const day = await answer.json();
      const { vault, key } = await create(day, passphrase, new Date().toISOString());
      if (this.vault) await remove(this.vault);
      Object.assign(this, { vault, key, day });
      await hold(vault, key);
      if (!(await keepPages())) throw new Error("the pages are not kept");
      await navigator.storage?.persist?.();
    } catch {
      return this.draw(this.words.full);
    }
    form.reset();
    return this.draw();
  }

  async unlock({ passphrase }) {
    try {
      this.key = await unwrap(this.vault, passphrase.value);
    } catch {
      return this.wrong(passphrase.form, "passphrase", this.words.wrong);
    }
    passphrase.form.reset();
    return this.opened();
  }

  /** A new passphrase for what is here, once somebody has allowed it. */
  async reopen({ fresh, repeat }) {
    const form = fresh.form;
    if (fresh.value.length < SHORTEST) return this.wrong(form, "fresh", this.words.tooShort);
    if (fresh.value !== repeat.value) return this.wrong(form, "repeat", this.words.notSame);
    let answer;
    try {
      answer = await fetch(`/api/v1/practicals/days/${this.uuid}/opening/`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ vault: this.vault.id, device: deviceName(), wrapped: this.vault.recovery }),
      });
    } catch {
      return this.tell(this.words.noNetwork);
    }
    if (answer.status === 409) return this.tell(this.words.openingOver);
    if (!answer.ok) return this.tell(answer.status >= 500 ? this.words.noNetwork : this.words.refused);
    const { key, code } = await answer.json();
    if (!key) return this.tell(say(this.words.asked, { code }));
    Object.assign(this, await lockAnew(this.vault, key, fresh.value));
    form.reset();
    return this.opened();
  }

  async opened() {
    await hold(this.vault, this.key);
    this.day = await readDay(this.vault, this.key);
    await this.draw();
    return this.send();
  }

  async lock() {
    await drop(this.vault);
    Object.assign(this, { key: null, day: null });
    this.drawn(null, new Map());
    await this.draw();
    one("input", one("form[data-part=unlock]", this.panel)).focus();
  }

  async send() {
    if (!this.key || this.sending || navigator.onLine === false) return this.draw();
    this.sending = true;
    const outcomes = await sendAll(this.vault, this.key, this.day, (n, of) => { if (of) this.tell(say(this.words.sending, { n, of })); });
    this.sending = false;
    this.look = outcomes.look;
    this.signedOut = outcomes.signin.length > 0;
    if (["sent", "aside", "look", "signin"].some((name) => outcomes[name].length)) this.answered();
    if (await remove(this.vault, { onlyWhenAllSigned: true })) return this.gone();
    return this.draw(outcomes.offline.length ? this.offline() : "");
  }

  async remove() {
    if (await remove(this.vault)) this.gone();
    else await this.draw();
  }

  async gone() {
    await drop(this.vault);
    Object.assign(this, { vault: null, key: null, day: null });
    await this.draw();
  }

  /** How far each sheet is, in what this device holds. */
  async states() {
    const found = new Map();
    for (const { uuid } of this.day.assignments) {
      const state = await stateOf(this.vault, this.key, uuid);
      if (state) found.set(uuid, { ...state, here: countMarks(state), waits: state.rev > state.confirmedRev });
    }
    return found;
  }

  offline() { return say(this.counts ? this.words.offline : this.words.offlineClean, this.counts ?? {}); }

  async draw(sentence = "") {
    const { vault, words } = this;
    if (this.asking && vault && !this.key) return; // somebody types; the panel waits
    this.asking = false;
    if (!vault) return this.show("buttons", sentence || words.notHere, { download: true });
    const waiting = [...(await progress(vault)).values()].filter(({ waits }) => waits).length;
    this.waits = waiting > 0;
    const time = moment(vault.since);
    one("[data-act=forgot]", this.panel).hidden = !vault.recovery || navigator.onLine === false;
    if (!this.key) return this.show("unlock", sentence || say(waiting ? words.lockedUnsent : words.locked, { time, n: waiting }), { again: navigator.onLine, remove: !waiting });
    const states = await this.states();
    const open = [...states.values()].filter(({ waits }) => waits);
    const lines = open.reduce((sum, { here, confirmed }) => sum + Math.max(1, here - confirmed), 0);
    this.counts = waiting ? { lines, n: waiting } : null;
    this.drawn(this.day, states);
    const which = this.look.map((uuid) => this.day.assignments.find((row) => row.uuid === uuid)).map(({ station, candidate_number }) => `${station} ${candidate_number}`);
    const text = sentence || (navigator.onLine === false && this.offline()) || (this.signedOut && words.signIn) || (which.length && say(words.look, { which: which.join(", ") })) || say(waiting ? words.unsent : words.clean, { time, lines, n: waiting });
    return this.show("buttons", text, { "sign-in": this.signedOut && navigator.onLine !== false, send: waiting > 0 && navigator.onLine !== false && !this.signedOut, lock: true, remove: !waiting });
  }

  tell(text) { one("[data-says]", this.panel).textContent = text; }

  /** One part, a sentence above it, and the buttons that make sense now. */
  show(part, sentence, acts = {}) {
    for (const element of this.panel.querySelectorAll("[data-part]")) element.hidden = element.dataset.part !== part && !(element.dataset.part === "buttons" && Object.values(acts).some(Boolean));
    for (const button of one("[data-part=buttons]", this.panel).querySelectorAll("[data-act]")) button.hidden = !acts[button.dataset.act];
    if (sentence !== undefined) this.tell(sentence);
    if (part === "download" || part === "forgotten") one("input", one(`form[data-part=${part}]`, this.panel)).focus();
  }
}
