// The page before submitting: first sends what this device still keeps, and counts the time as the player does.

import { Clock } from "./clock.js";
import { Queue, forget } from "./queue.js";
import { el, read } from "./words.js";

const data = read("attempt-data");
const words = read("player-words");
const form = document.querySelector("[data-submit]");
const button = form.querySelector("button");
const place = document.querySelector("[data-connection]");

const queue = new Queue({
  uuid: data.uuid,
  known: new Map(data.responses.map((row) => [row.position, row.seq])),
  on: { saved() {}, echo() {}, refused() {}, closed: () => location.replace(form.dataset.result), state: show },
});

function show() {
  const waits = queue.waiting.size > 0;
  button.disabled = waits;
  const away = queue.state === "offline" || queue.state === "signed-out";
  place.replaceChildren(...(waits ? [el("div", { class: "notice caution" }, el("strong", { text: away ? words.unsent_offline : words.unsent }))] : []));
}

// What comes in late is not on this page yet: show it.
const late = queue.recover().size > 0;
show();
if (late) queue.flush().then((sent) => { if (sent) location.reload(); });

form.addEventListener("submit", () => { forget(data.uuid); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
if (data.due_at) {
  new Clock({ due: data.due_at, server: data.server_time, head: document.querySelector("[data-head]"), words, on: { late() {}, up: () => form.submit() } });
}
