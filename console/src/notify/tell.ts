// Tells the technician outside of the page: a notification on the desktop, and a short sound. Only one tab does it, the one whose turn
// it is.
import { canNotify, notifySettings } from "./settings";

const TURN = "mayday-notify-turn";

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

/** Of the tabs that hear the same at once, the first to get the lock tells it. */
async function myTurn(news: News): Promise<boolean> {
  const said = `${news.session ?? ""}:${news.text}`;
  return navigator.locks.request(TURN, () => {
    const [last, at] = JSON.parse(localStorage.getItem(TURN) ?? '["",0]') as [string, number];
    if (last === said && Date.now() - at < 5_000) return false;
    localStorage.setItem(TURN, JSON.stringify([said, Date.now()]));
    return true;
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
