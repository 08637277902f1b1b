// On the page of a result: send what this device still keeps of the attempt, then forget it. What came after the time is kept beside, and
// the page says so once it is loaded anew.

import { Queue } from "./queue.js";
import { Store, forget } from "./store.js";

const place = document.querySelector("[data-attempt]");
const uuid = place.dataset.attempt;
const ready = new Promise((resolve) => { addEventListener("online", resolve, { once: true }); });

async function sendWhatIsLeft() {
  const queue = new Queue({
    uuid,
    store: await Store.of(uuid),
    known: new Map(),
    on: { saved() {}, echo() {}, refused() {}, closed() {}, state() {} },
  });
  const unsent = [...(await queue.recover()).values()].filter((entry) => !entry.sent).length;
  place.hidden = unsent === 0;
  while (!(await queue.flush())) await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, 10_000))]);
  queue.stop();
  await forget(uuid);
  if (unsent) location.reload();
}

sendWhatIsLeft();
