// Passkey pages: says plainly what allauth's scripts only write to the console.
const said = document.querySelector("[data-passkey-status]");
const buttons = document.querySelectorAll("[data-passkey]");

if (window.PublicKeyCredential) {
  for (const button of buttons) button.hidden = false;
} else if (said) {
  said.textContent = said.dataset.unsupported;
  said.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const name = event.detail?.exception?.name;
  said.textContent = name === "InvalidStateError" ? said.dataset.known : name === "NotAllowedError" ? said.dataset.cancelled : said.dataset.failed;
  said.hidden = false;
});
