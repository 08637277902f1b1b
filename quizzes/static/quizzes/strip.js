// The scale of all questions and the strip of ten around the current one: answered, flagged, current.

import { el, fill } from "./words.js";

const WIDTH = 736;
const SVG = "http://www.w3.org/2000/svg";

function path(d, attributes) {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("d", d);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** `marks`: [{position, answered, flagged}], `now` the current position. */
export function scale(svg, marks, now, label) {
  const pitch = WIDTH / Math.max(10, marks.length); // as wide as the strip below while there are ten or fewer
  const x = (position) => ((position - 0.5) * pitch).toFixed(1);
  const tick = (mark, tall, short) => `M${x(mark.position)} ${mark.position % 10 === 0 ? tall : short}V34`;
  const still = { "vector-effect": "non-scaling-stroke" };
  const open = marks.filter((mark) => !mark.answered).map((mark) => tick(mark, 14, 22)).join("");
  const done = marks.filter((mark) => mark.answered).map((mark) => tick(mark, 10, 16)).join("");
  const width = Math.min(4, Math.max(1.5, pitch / 3));
  svg.replaceChildren(
    path(open, { stroke: "var(--line)", "stroke-width": 1, ...still }),
    path(done, { stroke: "var(--ink)", "stroke-width": Math.min(2, width), ...still }),
    ...marks.filter((mark) => mark.flagged).map((mark) => path(`M${x(mark.position)} 0l6 4.500-6 4.500Z`, { fill: "var(--caution)" })),
    path(`M${x(now)} 6V40`, { stroke: "var(--action)", "stroke-width": 4, ...still }),
  );
  svg.setAttribute("aria-label", label);
}

export function tens(list, marks, now, words) {
  const first = Math.floor((now - 1) / 10) * 10;
  list.replaceChildren(...marks.slice(first, first + 10).map((mark) => {
    const said = [mark.position === now && words.current, mark.flagged && words.flagged, mark.answered ? words.answered : words.not_answered];
    return el("li", { class: [mark.answered && "ans", mark.flagged && "flag"].filter(Boolean).join(" ") || false },
      el("a", { href: `#${mark.position}`, "aria-current": mark.position === now && "step", text: mark.position },
        el("span", { class: "vh", text: ` ${said.filter(Boolean).join(", ")}` })));
  }));
}

export function counts(marks) {
  const answered = marks.filter((mark) => mark.answered).length;
  return { total: marks.length, answered, flagged: marks.filter((mark) => mark.flagged).length, left: marks.length - answered };
}

export const sentence = (text, marks, now) => fill(text, { ...counts(marks), n: now });
