// Hands the key of an unlocked day from page to page. The service worker holds it, in memory alone; pages remind it while they are open.

const REMIND = 15_000; // milliseconds; a worker that hears nothing ends after half a minute

const worker = async () => (navigator.serviceWorker ? (await navigator.serviceWorker.ready).active : null);

function ask(to, message) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 3000, null);
    to.postMessage(message, [channel.port2]);
  });
}

/** Resolves once the worker of the examiner's pages is there; false where there can be none. */
export async function ready() {
  if (!navigator.serviceWorker) return false;
  try {
    await navigator.serviceWorker.register("/examine/worker.js", { scope: "/examine/" });
    return Boolean(await worker());
  } catch {
    return Boolean(navigator.serviceWorker.controller);
  }
}

let timer = null;
const others = globalThis.BroadcastChannel ? new BroadcastChannel("palpate-examiner") : null;

export async function hold(vault, key) {
  // Locked in another window: this one forgets what it shows, and asks for the passphrase.
  if (others) others.onmessage = ({ data }) => { if (data.drop === vault.id) { clearInterval(timer); location.reload(); } };
  const remind = async () => (await worker())?.postMessage({ hold: vault.id, key });
  clearInterval(timer);
  timer = setInterval(remind, REMIND);
  await remind();
}

export async function heldKey(vault) {
  const active = await worker();
  const key = active ? await ask(active, { ask: vault.id }) : null;
  if (key) await hold(vault, key);
  return key;
}

export async function drop(vault) {
  clearInterval(timer);
  (await worker())?.postMessage({ drop: vault.id });
  others?.postMessage({ drop: vault.id });
}

/** Keep both empty pages, and all they need, for opening without a network. Resolves to whether that is done. */
export async function keepPages() {
  const active = await worker();
  if (!active) return false;
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data);
    active.postMessage({ keep: true }, [channel.port2]);
  });
}
