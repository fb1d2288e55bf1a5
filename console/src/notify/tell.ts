// Tells the technician outside of the page: a notification on the desktop, and a short sound. Only one tab does it, the one whose turn
// it is.
import { canNotify, notifySettings } from "./settings";

const TURN = "mayday-notify-turn";
/** Longer than a hidden tab takes to hear of it. */
const HELD_MS = 5_000;

export interface News {
  title: string;
  text: string;
  session: string | null;
}

/** `me` chooses whether and how; `open` is for a press on it. All tabs may call it for the same news. */
export async function tell(me: string, news: News, open: (session: string) => void) {
  const { desktop, sound } = notifySettings(me);
  if (!desktop || !canNotify() || Notification.permission !== "granted" || !(await myTurn(news))) return;
  show(news, open);
  if (sound) play();
}

/** Of the tabs that hear the same at about the same time, the first to get the news' lock tells it, and keeps the others from it. */
function myTurn(news: News): Promise<boolean> {
  const name = `${TURN}:${news.session ?? ""}:${news.text}`;
  return new Promise((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise((over) => setTimeout(over, HELD_MS));
    });
  });
}

function show({ title, text, session }: News, open: (session: string) => void) {
  const shown = new Notification(title, { body: text, tag: session ?? title, icon: "/mark.svg" });
  shown.onclick = () => {
    window.focus();
    shown.close();
    if (session) open(session);
  };
}

/** Two short tones; no file to load. */
export function play() {
  const audio = new AudioContext();
  for (const [frequency, at] of [
    [660, 0],
    [880, 0.16],
  ] as const) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + at;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.18, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.16);
  }
  setTimeout(() => void audio.close(), 1_000);
}
