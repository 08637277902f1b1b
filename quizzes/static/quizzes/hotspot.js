// A place to point at: by mouse or finger, by arrow keys, or by choosing a described region, which puts the marker into it.

import { figure, outlines, put } from "./figure.js";
import { reason } from "./told.js";
import { el, fill } from "./words.js";

const STEP = 0.01;
const WIDE = 0.05; // with the shift key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const within = (value) => Math.min(1, Math.max(0, Math.round(value * 10000) / 10000));

export function hotspot(frame, question, given) {
  const { answer, locked, words, say, change, told } = given;
  let at = answer ? { x: answer.x, y: answer.y } : null;
  const marker = el("span", { class: "marker", "aria-hidden": "true" });
  const target = el("button", { type: "button", class: "target", "aria-describedby": "spot-hint spot-place" });
  const place = el("p", { class: "spot-place", id: "spot-place" });
  const away = el("button", { type: "button", class: "btn btn-2 btn-s", text: words.spot_away });
  const rows = question.options.map((option, index) => {
    const input = el("input", { type: "radio", name: "answer", value: option.id, disabled: locked, change: () => move(option.x, option.y, {}) });
    const row = told.get(option.id);
    const text = el("span", { text: option.text });
    if (row) text.append(reason(row, { right: words.your_right, wrong: words.your_wrong, missed: words.the_right }));
    return { option, input, label: el("label", { class: "opt" }, input, el("span", { class: "let", "aria-hidden": "true", text: index + 1 }), text) };
  });

  const spoken = () => (at ? fill(words.spot_at, { x: Math.round(at.x * 100), y: Math.round(at.y * 100) }) : words.spot_none);
  const draw = () => {
    marker.hidden = away.hidden = !at;
    if (at) put(marker, at.x, at.y);
    place.textContent = spoken();
    target.setAttribute("aria-label", fill(words.spot_target, { place: spoken() }));
    for (const { option, input } of rows) input.checked = Boolean(at && at.x === option.x && at.y === option.y);
  };
  const move = (x, y, how) => {
    at = { x: within(x), y: within(y) };
    draw();
    change({ ...at }, how);
  };

  target.addEventListener("click", (event) => {
    if (event.detail === 0) { // by keyboard: the marker comes to the middle
      if (!at) move(0.5, 0.5, {});
    } else {
      const box = target.getBoundingClientRect();
      move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, {});
    }
    say(spoken());
  });
  target.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const far = event.shiftKey ? WIDE : STEP;
    const from = at ?? { x: 0.5, y: 0.5 };
    move(from.x + way[0] * far, from.y + way[1] * far, { soon: true });
    say(spoken());
  });
  away.addEventListener("click", () => {
    at = null;
    draw();
    change(null);
    target.focus();
    say(spoken());
  });

  if (!locked) frame.append(el("p", { class: "q-hint", id: "spot-hint", text: words.spot_hint }));
  const right = [...told.values()].filter((row) => row.right || row.given).map((row) => ({ outline: row.outline, shape: row.right ? "is-right" : "is-wrong" }));
  const over = [right.length ? outlines(right) : null, locked ? null : target, marker].filter(Boolean);
  if (question.media.length) frame.append(figure(question.media[0], words, ...over));
  if (locked) frame.append(place);
  else frame.append(el("div", { class: "spot-row" }, place, away));
  frame.append(el("p", { class: "q-hint q-or", id: "spot-or", text: locked ? words.spot_regions : words.spot_or }));
  frame.append(el("div", { role: "radiogroup", "aria-labelledby": "spot-or" }, ...rows.map((row) => row.label)));
  draw();
}
