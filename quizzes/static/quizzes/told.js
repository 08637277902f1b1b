// What is said of an answer once it was checked.

import { el, fill } from "./words.js";

const SHAPES = { right: "pass", wrong: "fail", missed: "due" };

export function reason(row, said) {
  const words = said[row.verdict];
  return el("span", { class: "reason" }, words ? el("span", { class: `status ${SHAPES[row.verdict]}`, text: words }) : null, el("span", { text: row.rationale }));
}

export function verdict(explained, words) {
  if (explained.rubric) return compare(explained, words);
  const [shape, word] = explained.earned === explained.points ? ["pass", words.right] : explained.earned > 0 ? ["due", words.in_part] : ["fail", words.not_right];
  const tone = { pass: "pass", due: "caution", fail: "stop" }[shape];
  const share = explained.points > 1 ? fill(words.share, { earned: explained.earned, points: explained.points }) : null;
  return el("div", { class: `notice ${tone} verdict`, tabindex: "-1" },
    el("strong", {}, el("span", { class: `status ${shape}`, text: word })),
    share ? el("p", { text: share }) : null,
    explained.solution ? el("p", { text: fill(words.solution, { text: explained.solution }) }) : null,
    explained.rationale ? el("p", { text: explained.rationale }) : null);
}

/** An essay that nobody marks: its model answer and rubric, to hold one's own against. */
function compare(explained, words) {
  return el("div", { class: "notice verdict", tabindex: "-1" },
    el("strong", { text: words.compare }), el("p", { text: words.compare_more }),
    el("h3", { text: words.model }), el("p", { class: "model", text: explained.solution }),
    el("h3", { text: words.rubric }),
    el("ul", { class: "rubric" }, ...explained.rubric.map((line) => el("li", {}, el("span", { text: line.text }), el("b", { class: "num", text: line.points })))));
}
