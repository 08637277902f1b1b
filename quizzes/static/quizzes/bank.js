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

/* The right option of a stem, chosen from the list that is being written. The field keeps its words; the choice stands before it. */
function chooseRight(form) {
  const rows = () => [...form.querySelectorAll("input[data-right-option]")]
  const listOf = (input) => {
    const prefix = input.name.split("-stems-")[0]
    return [...form.querySelectorAll(`input[name^="${prefix}-choices-"][name$="-value"]`)]
      .filter((one) => form.elements[one.name.replace(/-value$/, "-deleted")]?.value !== "1")
  }
  const draw = (input, select) => {
    const texts = listOf(input).map((one) => one.value.trim()).filter(Boolean)
    const stray = input.value.trim() && !texts.includes(input.value.trim())
    const options = [["", "–"], ...texts.map((text, at) => [text, `${String.fromCharCode(65 + at)}. ${text}`])]
    if (stray) options.push([input.value.trim(), `${input.value.trim()} (${input.dataset.strayLabel})`])
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === input.value.trim())))
  }
  const dress = (input) => {
    const select = document.createElement("select")
    select.id = `${input.id}-choice`
    const label = form.querySelector(`label[for="${input.id}"]`)
    if (label) label.htmlFor = select.id
    input.hidden = true
    input.before(select)
    select.addEventListener("change", () => {
      input.value = select.value
      input.dispatchEvent(new Event("input", { bubbles: true }))
    })
    input.chosen = select
  }
  let before = new WeakMap()
  const look = () => {
    for (const input of rows()) {
      if (!input.chosen) dress(input)
      draw(input, input.chosen)
      for (const one of listOf(input)) before.set(one, one.value.trim())
    }
  }
  // An option that is put otherwise stays the right one where it was.
  form.addEventListener("input", (event) => {
    const was = before.get(event.target)
    if (was) for (const input of rows()) if (input.value.trim() === was && listOf(input).includes(event.target)) input.value = event.target.value.trim()
    if (was !== undefined || /-choices-\d+-value$/.test(event.target.name)) look()
  })
  form.addEventListener("focusin", (event) => { if (event.target.matches("select")) look() })
  new MutationObserver((found) => {
    if (found.some((one) => [...one.addedNodes].some((node) => node.nodeType === 1 && (node.matches("[data-right-option]") || node.querySelector("[data-right-option]"))))) look()
  }).observe(form, { childList: true, subtree: true })
  look()
}

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.querySelector("[data-near]")
  const form = panel?.closest("form")
  if (form) {
    watchNear(panel, form)
    chooseRight(form)
  }
  const select = document.querySelector("[data-enemies]")
  if (select) chooseByCode(panel ?? select.closest("[data-enemies-label]"), select)
})
