// Applicants' and holders' pages: copy a text; send a form once. Everything works without it.

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    source.select();
    await navigator.clipboard.writeText(source.value);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  const buttons = () => form.querySelectorAll("button:not([type=button])");
  form.addEventListener("submit", () => setTimeout(() => buttons().forEach((button) => { button.disabled = true; })));
  // Back from the next page, the form is there again, and so is its button.
  addEventListener("pageshow", () => buttons().forEach((button) => { button.disabled = false; }));
}
