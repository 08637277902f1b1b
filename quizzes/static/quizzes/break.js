// On a break: how much of it is left, by the server's clock. When it is used up, the page opens the questions again.

import { Presence } from "./presence.js";
import { fill, read } from "./words.js";

const { uuid, seconds } = read("break-data");
const words = read("player-words");
const end = performance.now() + seconds * 1000;
const figures = document.querySelector("[data-break-left]");
const said = document.querySelector("[data-break-words]");

function tick() {
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  figures.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const minutes = Math.ceil(left / 60);
  const text = minutes === 1 ? words.break_minute_left : fill(words.break_minutes_left, { m: minutes });
  if (said.textContent !== text) said.textContent = text;
  if (left === 0) location.reload();
  else setTimeout(tick, 1000);
}

tick();
new Presence({
  uuid,
  unsent: () => 0,
  on: { told: ({ paused_at: paused }) => { if (!paused) location.reload(); }, shutOut: () => location.reload(), away() {} },
});
