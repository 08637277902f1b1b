/* The item editor: near-duplicates and contested claims while writing, and enemies chosen by code. Without it the editor works as any. */

const PAUSE = 700

/* What reads nearly the same, and the claims that are near, each time the writer pauses. */
function watchNear(panel, form) {
  let waiting, asked = "", latest = 0
  const look = async () => {
    const sent = new FormData(form)
    sent.append("besides", panel.dataset.besides)
    for (const name of [...sent.keys()]) if (sent.get(name) instanceof File) sent.delete(name)
    const about = JSON.stringify([...sent].filter(([name]) => /^(stem|stimulus|claims|body-)/.test(name)))
    if (about === asked) return
    const turn = (latest += 1)
    try {
      const answer = await fetch(panel.dataset.near, { method: "POST", body: sent, credentials: "same-origin" })
      if (!answer.ok || answer.redirected || turn !== latest) return
      asked = about
      panel.innerHTML = await answer.text()
    } catch {
      // No network: what stands in the panel stays; the next pause asks again.
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting)
    waiting = setTimeout(look, PAUSE)
  })
  look()
}

/* A search field and chips in place of the long list; the list stays what is sent. */
function chooseByCode(panel, select) {
  const box = document.createElement("div")
  const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off" })
  const list = Object.assign(document.createElement("datalist"), { id: `${select.id}-codes` })
  const label = panel.dataset.enemiesLabel
  box.className = "enemies"
  input.setAttribute("list", list.id)
  input.setAttribute("aria-label", label)
  input.placeholder = label
  const options = [...select.options]
  list.append(...options.map((option) => Object.assign(document.createElement("option"), { value: option.text.trim() })))
  const draw = () => {
    const chips = options.filter((option) => option.selected).map((option) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "button button-small button-secondary" })
      chip.textContent = `${option.text.trim()} ×`
      chip.setAttribute("aria-label", `${panel.dataset.removeLabel} ${option.text.trim()}`)
      chip.addEventListener("click", () => choose(option, false))
      return chip
    })
    box.replaceChildren(...chips, input, list)
  }
  const choose = (option, selected) => {
    option.selected = selected
    select.dispatchEvent(new Event("change", { bubbles: true }))
    draw()
    input.focus()
  }
  const take = () => {
    const option = options.find((one) => one.text.trim() === input.value.trim())
    if (!option) return
    input.value = ""
    choose(option, true)
  }
  input.addEventListener("input", (event) => event.stopPropagation())
  input.addEventListener("change", take)
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return
    event.preventDefault()
    take()
  })
  select.hidden = true
  select.after(box)
  draw()
  panel.addEventListener("click", (event) => {
    const option = options.find((one) => one.value === event.target.dataset?.enemy)
    if (option) choose(option, true)
  })
}

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.querySelector("[data-near]")
  const form = panel?.closest("form")
  if (!form) return
  watchNear(panel, form)
  const select = form.querySelector("[data-enemies]")
  if (select) chooseByCode(panel, select)
})
