// One question on the page: its twelve forms, and the answer read back from them. Everything works from the keyboard.
//
// render(question, {answer, locked, explained, heading, words, say, change}) returns the element. `change(answer, {soon})` is called on every
// change; `soon` while somebody is still typing. `explained` is what the server says of an answer that was checked.

import { figure } from "./figure.js";
import { hotspot } from "./hotspot.js";
import { caseSet, essay, extended, labelling, matching } from "./sets.js";
import { reason, verdict } from "./told.js";
import { el, fill } from "./words.js";

const LETTERS = "ABCDEFGHIJ";

export function isAnswered(answer) {
  if (!answer) return false;
  const [value] = Object.values(answer);
  if (typeof value === "string") return value.trim() !== "";
  if (value && typeof value === "object") return Object.keys(value).length > 0;
  return value !== null && value !== undefined;
}

export function render(question, given) {
  const grouped = !["numeric", "text", "essay"].includes(question.type);
  const onFigure = ["hotspot", "label"].includes(question.type);
  const frame = el(grouped ? "fieldset" : "div", { class: "q opts" });
  const head = el(grouped ? "legend" : "h2", { class: grouped ? false : "q-head", id: "question-text", tabindex: "-1" });
  if (given.heading) head.append(el("span", { class: "n", text: given.heading }));
  if (question.stimulus) head.append(el("span", { class: "situation", text: question.stimulus }), el("strong", { text: question.stem }));
  else head.append(question.stem);
  frame.append(head);
  const rule = [question.points > 1 ? fill(given.words.points, { n: question.points }) : "", question.rule ?? ""].filter(Boolean).join(" ");
  if (rule) frame.append(el("p", { class: "q-rule", text: rule }));
  if (!onFigure) frame.append(...question.media.map((medium) => figure(medium, given.words)));
  FORMS[question.type](frame, question, { ...given, told: new Map((given.explained?.options ?? []).map((row) => [row.id, row])) });
  if (given.explained) {
    const said = verdict(given.explained, given.words);
    if (grouped) frame.querySelector("legend").after(said);
    else frame.append(said);
  }
  return frame;
}

// Choices

function choices(frame, question, { answer, locked, words, change, told }, kind) {
  const many = kind === "checkbox";
  const chosen = new Set(many ? answer?.choices : [answer?.choice]);
  if (many && !locked && !question.stem.includes(words.choose_all)) frame.append(el("p", { class: "q-hint", text: words.choose_all }));
  question.options.forEach((option, index) => {
    const input = el("input", {
      type: kind, name: "answer", value: option.id, checked: chosen.has(option.id), disabled: locked,
      change: () => {
        const ids = [...frame.querySelectorAll("input:checked")].map((each) => each.value);
        if (!many) change({ choice: ids[0] });
        else change(ids.length ? { choices: ids } : null);
      },
    });
    const row = told.get(option.id);
    const letter = el("span", { class: "let", "aria-hidden": "true", text: LETTERS[index] });
    const text = el("span", { text: option.text });
    if (row) text.append(reason(row, { right: words.your_right, wrong: words.your_wrong, missed: many ? words.also_right : words.the_right }));
    frame.append(el("label", { class: "opt" }, input, letter, text));
  });
}

// Ordering: buttons that keep the focus, and dragging beside them

function ordering(frame, question, given) {
  const { answer, locked, words, say, change, told } = given;
  const options = new Map(question.options.map((option) => [option.id, option]));
  let order = answer?.order ?? question.options.map((option) => option.id);
  const list = el("ol", { class: "steps-list" });
  if (!locked) frame.append(el("p", { class: "q-hint", text: words.order_hint }));
  frame.append(list);

  const move = (id, to, focus) => {
    const from = order.indexOf(id);
    if (to < 0 || to >= order.length || from === to) return;
    order = order.filter((each) => each !== id);
    order.splice(to, 0, id);
    draw();
    const row = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    const button = focus && row.querySelector(`[data-move="${focus}"]`);
    if (button) (button.disabled ? row.querySelector("button:not(:disabled)") : button).focus();
    say(fill(words.moved, { text: options.get(id).text, n: to + 1, total: order.length }));
    change({ order });
  };

  const draw = () => {
    list.replaceChildren(...order.map((id, place) => {
      const text = el("span", { class: "step-text", text: options.get(id).text });
      const row = told.get(id);
      if (row) text.append(reason(row, { right: words.right_place, wrong: fill(words.belongs_place, { n: row.right }) }));
      const item = el("li", { "data-id": id, draggable: !locked && "true" }, el("span", { class: "num place", "aria-hidden": "true", text: place + 1 }), text);
      if (!locked) item.append(el("span", { class: "moves" },
        arrow("up", fill(words.up, { text: options.get(id).text }), place === 0, () => move(id, place - 1, "up")),
        arrow("down", fill(words.down, { text: options.get(id).text }), place === order.length - 1, () => move(id, place + 1, "down"))));
      return item;
    }));
  };
  draw();
  if (!locked) dragging(list, move);
}

function arrow(way, label, disabled, click) {
  const button = el("button", { type: "button", class: "btn btn-2 btn-s", "data-move": way, "aria-label": label, disabled, click });
  button.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${way === "up" ? "M12 19.5v-15M6 10.5l6-6 6 6" : "M12 4.5v15M6 13.5l6 6 6-6"}"/></svg>`;
  return button;
}

function dragging(list, move) {
  let held = null;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.id);
    requestAnimationFrame(() => held?.classList.add("held"));
  });
  list.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    const over = event.target.closest("li");
    for (const item of list.children) item.classList.toggle("over", item === over && item !== held);
  });
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    const over = event.target.closest("li");
    if (held && over) move(held.dataset.id, [...list.children].indexOf(over));
  });
  list.addEventListener("dragend", () => {
    for (const item of list.children) item.classList.remove("held", "over");
    held = null;
  });
}

// A number, a text

function field(frame, question, { answer, locked, words, change }, { value, label, attributes, parse }) {
  const problem = el("p", { class: "error", id: "answer-error", role: "alert", hidden: true });
  const input = el("input", { id: "answer", type: "text", autocomplete: "off", value: value(answer), readonly: locked, "aria-describedby": "question-text answer-error", ...attributes });
  const box = el("div", { class: "field answer-field" });
  const tell = (soon) => {
    const found = parse(input.value);
    problem.hidden = found !== undefined || soon;
    problem.textContent = problem.hidden ? "" : words.not_a_number;
    box.classList.toggle("is-error", !problem.hidden);
    if (problem.hidden) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    if (found !== undefined) change(found, { soon });
  };
  if (!locked) {
    input.addEventListener("input", () => tell(true));
    input.addEventListener("change", () => tell(false));
  }
  box.append(el("label", { for: "answer", text: label }), problem,
    el("div", { class: "row" }, input, question.unit ? el("span", { class: "unit", text: question.unit }) : null));
  frame.append(box);
}

export function numberIn(text) {
  const plain = text.trim().replace(/\s/g, "").replace(",", ".").replace("−", "-");
  if (plain === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) && Math.abs(Number(plain)) <= 1e15 ? { value: Number(plain) } : undefined;
}

const FORMS = {
  single: (frame, question, given) => choices(frame, question, given, "radio"),
  truefalse: (frame, question, given) => choices(frame, question, given, "radio"),
  multiple: (frame, question, given) => choices(frame, question, given, "checkbox"),
  order: ordering,
  match: matching,
  hotspot,
  label: labelling,
  extended,
  case: caseSet,
  essay,
  numeric: (frame, question, given) => field(frame, question, given, {
    label: given.words.your_number,
    value: (answer) => (answer ? String(answer.value) : ""),
    attributes: { inputmode: "decimal", maxlength: 20, class: "num w-s" },
    parse: numberIn,
  }),
  text: (frame, question, given) => field(frame, question, given, {
    label: given.words.your_text,
    value: (answer) => answer?.text ?? "",
    attributes: { maxlength: 500, spellcheck: "false" },
    parse: (text) => (text.trim() ? { text } : null),
  }),
};
