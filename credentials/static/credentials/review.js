// Document review: 1 2 3 choose the decision, Ctrl+Enter records and opens the next, pictures zoom and turn.
import "./people.js";

const form = document.querySelector("form.decision");
const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), select, textarea");

if (form) {
  const outcomes = [...form.querySelectorAll("[name=outcome]")];

  // A reason of another outcome that was chosen before is no longer meant.
  for (const outcome of outcomes) {
    outcome.addEventListener("change", () => {
      for (const row of form.querySelectorAll("[data-purpose]")) {
        if (row.dataset.purpose !== outcome.value) row.querySelector("input").checked = false;
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[name=next]"));
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      outcomes[Number(event.key) - 1]?.click();
    }
  });
}

const tools = document.querySelector("[data-zoom]");
const page = document.querySelector("[data-page]");
if (tools && page) {
  const said = tools.querySelector("output");
  let size = 100;
  let turns = 0;
  tools.hidden = false;
  const draw = () => {
    page.style.width = `${size}%`;
    page.style.maxWidth = "none";
    page.style.transform = `rotate(${turns * 90}deg)`;
    said.textContent = `${size} %`;
  };
  for (const button of tools.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => {
      size = Math.min(Math.max(size + 25 * Number(button.dataset.by), 25), 400);
      draw();
    });
  }
  tools.querySelector("[data-turn]").addEventListener("click", () => {
    turns = (turns + 1) % 4;
    draw();
  });
}
