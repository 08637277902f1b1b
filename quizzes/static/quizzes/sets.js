// Several entries in one question: pairs chosen from a list (matching, labels of a diagram, an extended matching) and the questions of a case.

import { figure, put } from "./figure.js";
import { reason } from "./told.js";
import { el, fill } from "./words.js";

const LETTERS = "ABCDEFGHIJ";

function spell(select) {
  const text = select.value ? select.selectedOptions[0].textContent : "";
  select.nextSibling.textContent = text.length > 36 ? text : "";
}

/** A select for each entry. `once`: no target fits two entries, so one that is taken moves; arrow keys in a closed select pass by the
 *  others without taking them, because every step counts from what stood there when the select got the focus. */
function pairing(frame, question, { answer, locked, words, say, change, told }, { once, name = (option) => option.text, focus = () => {} }) {
  let pairs = { ...answer?.pairs };
  let before = null;
  const selects = new Map();

  const draw = () => {
    for (const [id, select] of selects) {
      select.value = pairs[id] ?? "";
      spell(select);
    }
  };
  const choose = (option, target) => {
    pairs = { ...(before ?? pairs) };
    const taken = once && target && question.options.find((other) => other.id !== option.id && pairs[other.id] === target);
    if (taken) delete pairs[taken.id];
    if (target) pairs[option.id] = target;
    else delete pairs[option.id];
    draw();
    say(taken ? fill(words.taken_back, { text: question.targets.find((each) => each.id === target).text }) : "");
    change(Object.keys(pairs).length ? { pairs: { ...pairs } } : null, { soon: true });
  };

  const rows = question.options.map((option, index) => {
    const id = `match-${index}`;
    // A narrow select cuts long entries off: what is chosen stands under it in full.
    const chosen = el("span", { class: "chosen", "aria-hidden": "true" });
    const select = el("select", {
      id, disabled: locked,
      focus: () => { before = { ...pairs }; focus(index, true); },
      blur: () => { before = null; focus(index, false); },
      change: () => choose(option, select.value),
    }, el("option", { value: "", text: words.choose }), ...question.targets.map((target) => el("option", { value: target.id, text: target.text })));
    selects.set(option.id, select);
    const row = told.get(option.id);
    return el("div", { class: "match-row" }, el("label", { for: id, text: name(option) }), el("span", {}, select, chosen),
      row && reason(row, { right: words.right, wrong: fill(words.belongs_to, { text: row.right }), missed: fill(words.belongs_to, { text: row.right }) }));
  });
  draw();
  frame.append(...rows);
}

export function matching(frame, question, given) {
  if (!given.locked) frame.append(el("p", { class: "q-hint", text: given.words.match_hint }));
  pairing(frame, question, given, { once: true });
}

export function labelling(frame, question, given) {
  const { words, locked } = given;
  const pins = question.options.map((pin) => put(el("span", { class: "pin", "aria-hidden": "true", text: pin.text }), pin.x, pin.y));
  if (!locked) frame.append(el("p", { class: "q-hint", text: words.label_hint }));
  if (question.media.length) frame.append(figure(question.media[0], words, ...pins));
  pairing(frame, question, given, {
    once: true,
    name: (pin) => fill(words.pin, { n: pin.text, where: pin.where }),
    focus: (index, on) => pins[index].classList.toggle("current", on),
  });
}

export function extended(frame, question, given) {
  frame.append(el("p", { class: "q-theme" }, el("span", { class: "kicker", text: given.words.theme }), question.theme));
  frame.append(el("ul", { class: "q-list" }, ...question.targets.map((target) => el("li", { text: target.text }))));
  pairing(frame, question, given, { once: false });
}

export function caseSet(frame, question, { answer, locked, words, change, explained }) {
  const parts = { ...answer?.parts };
  const told = new Map((explained?.parts ?? []).flatMap((part) => part.options.map((row) => [row.id, row])));
  question.parts.forEach((part, place) => {
    const rows = part.options.map((option, index) => {
      const row = told.get(option.id);
      const text = el("span", { text: option.text });
      if (row) text.append(reason(row, { right: words.your_right, wrong: words.your_wrong, missed: words.the_right }));
      const input = el("input", {
        type: "radio", name: `part-${place}`, value: option.id, checked: parts[part.id] === option.id, disabled: locked,
        change: () => {
          parts[part.id] = option.id;
          change({ parts: { ...parts } });
        },
      });
      return el("label", { class: "opt" }, input, el("span", { class: "let", "aria-hidden": "true", text: LETTERS[index] }), text);
    });
    frame.append(el("fieldset", { class: "opts q-part" }, el("legend", {}, el("span", { class: "n num", text: fill(words.part, { n: place + 1, total: question.parts.length }) }), part.text), ...rows));
  });
}

export function essay(frame, question, { answer, locked, words, change }) {
  const count = el("p", { class: "q-hint num", id: "essay-count" });
  const area = el("textarea", { id: "answer", rows: 14, maxlength: 20000, readonly: locked, "aria-describedby": "essay-count" });
  area.value = answer?.text ?? "";
  const tell = () => {
    const written = area.value.trim() ? area.value.trim().split(/\s+/).length : 0;
    count.textContent = fill(words.essay_words, { n: written, about: question.words });
  };
  const save = (soon) => change(area.value.trim() ? { text: area.value } : null, { soon });
  if (!locked) {
    area.addEventListener("input", () => { tell(); save(true); });
    area.addEventListener("change", () => save(false));
  }
  tell();
  frame.append(el("div", { class: "field essay-field" }, el("label", { for: "answer", text: words.your_essay }), area, count));
}
