// Signs of life: every twenty seconds, and at once when asked. The server answers with its clock.

import { send } from "./queue.js";

const EVERY = 20_000; // milliseconds

export class Presence {
  /** `unsent`: how many answers wait. `on`: told(clock), shutOut(), away(). */
  constructor({ uuid, unsent, on }) {
    this.url = `/api/v1/attempts/${uuid}/here/`;
    this.unsent = unsent;
    this.on = on;
    this.now();
  }

  async now() {
    clearTimeout(this.timer);
    if (this.stopped) return;
    try {
      const response = await send("POST", this.url, { unsent: Math.min(999, this.unsent()) });
      if (response.ok) this.on.told(await response.json());
      else if (response.status === 409) this.on.shutOut();
    } catch {
      this.on.away();
    }
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.now(), EVERY);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
