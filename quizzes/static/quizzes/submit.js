// The page before submitting: first sends what this device still keeps, and counts the time as the player does.

import { Clock } from "./clock.js";
import { reaches } from "./offline.js";
import { Presence } from "./presence.js";
import { Queue } from "./queue.js";
import { Store } from "./store.js";
import { el, read } from "./words.js";

const data = read("attempt-data");
const words = read("player-words");
const form = document.querySelector("[data-submit]");
const button = form.querySelector("button");
const place = document.querySelector("[data-connection]");

const queue = new Queue({
  uuid: data.uuid,
  store: await Store.of(data.uuid),
  known: new Map(data.responses.map((row) => [row.position, row.seq])),
  on: { saved() {}, echo() {}, refused() {}, closed: () => location.replace(form.dataset.result), state: show },
});

function show() {
  const waits = queue.waiting.size > 0;
  button.disabled = waits;
  const away = ["offline", "signed-out", "shut-out", "on-break"].includes(queue.state);
  tell(waits ? (away ? words.unsent_offline : words.unsent) : "");
}

function tell(text) {
  place.replaceChildren(...(text ? [el("div", { class: "notice caution" }, el("strong", { text }))] : []));
}

// What comes in late is not on this page yet: show it.
const late = [...(await queue.recover()).values()].some((entry) => !entry.sent);
show();
if (late) queue.flush().then((sent) => { if (sent) location.reload(); });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  if (await reaches(location.pathname)) {
    form.submit();
    return;
  }
  tell(words.submit_offline);
  button.disabled = false;
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
let clock = null;
if (data.due_at) {
  clock = new Clock({ due: data.due_at, server: data.server_time, head: document.querySelector("[data-head]"), words, on: { late() {}, up: () => form.submit() } });
}
if (data.present) {
  new Presence({
    uuid: data.uuid,
    unsent: () => queue.waiting.size,
    on: { told: ({ due_at, server_time }) => clock?.move({ due: due_at, server: server_time }), shutOut: () => location.reload(), away() {} },
  });
}
