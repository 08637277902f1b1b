// Side by side: says whose score a decision follows, and how much is still to decide. The page works without it.

const form = document.querySelector("form.sheets");
const left = form.querySelector("[data-undecided]");
const groups = [...form.querySelectorAll("[data-decides]")];

const show = () => {
  for (const group of groups) {
    const chosen = group.querySelector(":checked")?.value;
    const follows = group.parentElement.querySelector("[data-follows]");
    if (!follows) continue;
    const place = ["a", "b"].find((letter) => group.dataset[letter] === chosen);
    follows.textContent = place ? left.dataset.as.replace("{place}", place.toUpperCase()) : "";
  }
  const open = groups.filter((group) => !group.querySelector(":checked")).length;
  left.textContent = open ? left.dataset.words.replace("{n}", open) : "";
};

if (left) {
  form.addEventListener("change", show);
  show();
}
