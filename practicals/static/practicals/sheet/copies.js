// Two copies of one sheet: the server's and this device's. Nothing is mixed; a person chooses, or is told where to go on.

import { clockTime } from "./clock.js";
import { countMarks } from "./store.js";

export function copies({ store, sync, words, say, alertWith, settle }) {
  const thereOf = (sheet) => ({ there: sheet.observations.filter(({ rating }) => rating !== null).length, time: clockTime(sheet.synced_at).slice(0, 5) });

  // The same sheet was continued in another window of this device.
  async function twoCopies() {
    const assignment = await sync.look();
    if (!assignment?.sheet) return alertWith(words.cannotLook, [[words.tryAgain, twoCopies]]);
    const { sheet } = assignment;
    if (sheet.final) return settle(() => store.adopt(sheet));
    const values = { here: countMarks(store.state), ...thereOf(sheet) };
    return alertWith(say(words.elsewhere, values), [
      [say(words.useServer, values), () => settle(() => store.adopt(sheet))],
      [say(words.useDevice, values), () => settle(() => store.insist(sheet))],
    ]);
  }

  // Another sheet counts. It can be gone on with here when no device has begun it: then this one becomes its device.
  async function notThisOne(why) {
    alertWith(why);
    const sheet = (await sync.look())?.sheet;
    if (!sheet || sheet.final || (sheet.device && sheet.device !== store.device)) return;
    alertWith(why, [[say(words.goOnHere, thereOf(sheet)), () => settle(() => store.adopt(sheet))]]);
  }

  return { twoCopies, notThisOne };
}
