// Without network: is there one, and a reload of the page without it.
//
// The reload: a small service worker keeps the page of this one running attempt, with what it needs to be drawn.

/** Ask the worker to keep this page until the attempt is submitted. Resolves to whether it does. */
export async function keepPage(uuid, media) {
  if (!navigator.serviceWorker) return false; // an unsafe address has none
  try {
    await navigator.serviceWorker.register("/attempts/worker.js", { scope: "/attempts/" });
    const registration = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const files = [...loaded, ...media].map((name) => new URL(name, location.href))
      .filter((url) => url.origin === location.origin && !url.pathname.startsWith("/api/"))
      .map((url) => url.pathname + url.search);
    return await new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = ({ data }) => resolve(data);
      registration.active.postMessage({ keep: uuid, page: location.pathname, files: [...new Set(files)] }, [channel.port2]);
    });
  } catch {
    return false;
  }
}

/** Whether the server answers at this address; where it does not, the browser would show a page of its own in place of the examination. */
export async function reaches(address) {
  try {
    await fetch(address, { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(10_000) });
    return true;
  } catch {
    return false;
  }
}
