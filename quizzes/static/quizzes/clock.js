// Time left by the server's clock: calm until the last five minutes, then seconds. Nothing blinks.

import { fill } from "./words.js";

const LATE = 5 * 60;

export class Clock {
  /** `due` and `server` are moments of the server, heard `ago` milliseconds before; `on`: late(), up(). */
  constructor({ due, server, ago = 0, head, words, on }) {
    this.end = performance.now() + (Date.parse(due) - Date.parse(server)) - Math.max(0, ago);
    this.figures = head.querySelector("[data-clock]");
    this.said = head.querySelector("[data-clock-words]");
    this.head = head;
    this.words = words;
    this.on = on;
    this.tick();
  }

  /** The server has said it anew: time was credited, or this device's clock had run differently. */
  move({ due, server }) {
    const end = performance.now() + (Date.parse(due) - Date.parse(server));
    if (Math.abs(end - this.end) < 1500) return;
    this.end = end;
    if (this.left > LATE) {
      this.wasLate = false;
      this.head.classList.remove("late");
    }
    clearTimeout(this.timer);
    this.tick();
  }

  get left() {
    return Math.max(0, Math.ceil((this.end - performance.now()) / 1000));
  }

  tick() {
    const left = this.left;
    const late = left <= LATE;
    this.show(left, late);
    if (late && !this.wasLate) {
      this.wasLate = true;
      this.head.classList.add("late");
      if (left > 0) this.on.late();
    }
    if (left === 0) this.up();
    else this.timer = setTimeout(() => this.tick(), 1000 - ((performance.now() - this.end) % 1000 + 1000) % 1000 + 20);
  }

  up() {
    if (this.isUp) return;
    this.isUp = true;
    this.on.up();
  }

  show(left, late) {
    // Whole minutes are rounded up, so that "1 minute left" is never less than what is left.
    const minutes = Math.ceil(left / 60);
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    const two = (number) => String(number).padStart(2, "0");
    const figures = late ? `${Math.floor(left / 60)}:${two(left % 60)}` : `${hours}:${two(rest)}`;
    if (this.figures.textContent !== figures) this.figures.textContent = figures;
    const words = this.inWords(left, minutes, hours, rest);
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  inWords(left, minutes, hours, rest) {
    if (left < 60) return fill(this.words.seconds_left, { s: left });
    if (hours > 1) return fill(this.words.hours_minutes_left, { h: hours, m: rest });
    if (hours === 1) return fill(this.words.hour_minutes_left, { m: rest });
    return minutes === 1 ? this.words.minute_left : fill(this.words.minutes_left, { m: minutes });
  }

  stop() {
    clearTimeout(this.timer);
  }
}
