// Minutes left at the station, by this device's clock from the moment it was started. Counts on when the time is over.

const two = (number) => String(number).padStart(2, "0");
export const clockTime = (moment) => new Date(moment).toLocaleTimeString("en-GB");
export const minutesAndSeconds = (seconds) => `${two(Math.floor(seconds / 60))}:${two(Math.floor(seconds % 60))}`;

export const runClock = (button, store, words) => {
  const time = button.querySelector("[data-clock-time]");
  const said = button.querySelector("[data-clock-words]");
  const whole = store.boot.minutes * 60;
  const show = () => {
    const { startedAt, finishedAt } = store.state;
    if (!startedAt) {
      button.dataset.state = "ready";
      said.textContent = words.tapToStart;
      time.textContent = minutesAndSeconds(whole);
      return;
    }
    const until = store.state.final && finishedAt ? new Date(finishedAt) : new Date();
    const left = whole - Math.max(0, (until - new Date(startedAt)) / 1000);
    button.dataset.state = store.state.final ? "ended" : left < 0 ? "over" : "running";
    said.textContent = left < 0 ? words.over.replace("{minutes}", store.boot.minutes) : words.left.replace("{minutes}", store.boot.minutes);
    time.textContent = `${left < 0 ? "+" : ""}${minutesAndSeconds(Math.abs(left))}`;
  };
  button.addEventListener("click", () => store.start(new Date().toISOString()));
  setInterval(show, 500);
  show();
  return show;
};
