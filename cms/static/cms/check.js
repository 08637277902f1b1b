// A check in a lesson answers at once. Without this, its answers stand under "See the answer".
for (const check of document.querySelectorAll("[data-check]")) {
  const details = check.querySelector("details");
  const answers = new Map([...check.querySelectorAll("[data-option]")].map((item) => [item.dataset.option, item]));
  const said = document.createElement("div");
  said.className = "notice";
  said.setAttribute("role", "status");
  said.hidden = true;
  details.before(said);
  details.hidden = true;
  check.addEventListener("change", (event) => {
    const answer = answers.get(event.target.value);
    if (!answer) return;
    const correct = "correct" in answer.dataset;
    said.className = `notice ${correct ? "pass" : "caution"}`;
    const verdict = document.createElement("strong");
    verdict.textContent = correct ? check.dataset.right : check.dataset.wrong;
    const why = document.createElement("p");
    why.textContent = answer.lastElementChild.textContent;
    said.replaceChildren(verdict, why);
    said.hidden = false;
  });
}
