// Keeps one server-sent event stream to the gateway open: connects again with growing pauses and says whether it is live.
export type StreamState = "connecting" | "live" | "lost";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The gateway sends something at least every 15 s; after this silence the connection counts as dead. */
const SILENCE_MS = 40_000;

export interface StreamHandlers {
  event(kind: StreamKind, data: unknown): void;
  state(state: StreamState): void;
}

/** Of all events that the gateway sends; a browser hears only those that it is told to listen for. */
const KINDS = ["hello", "access", "session", "session_gone", "channel", "channel_gone", "technician", "technician_gone", "groups", "settings", "sign_ins", "chat", "notes", "alert", "keep_alive"] as const;
export type StreamKind = (typeof KINDS)[number];

export class EventStream {
  private source: EventSource | undefined;
  private pause = FIRST_PAUSE_MS;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private heardKeepAlive = false;

  constructor(
    private readonly url: string,
    private readonly handlers: StreamHandlers,
  ) {}

  open() {
    this.handlers.state("connecting");
    this.connect();
    window.addEventListener("online", this.hurry);
    window.addEventListener("offline", this.lost);
    document.addEventListener("visibilitychange", this.visible);
  }

  close() {
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("offline", this.lost);
    document.removeEventListener("visibilitychange", this.visible);
    this.drop();
  }

  private connect() {
    this.drop();
    const source = new EventSource(this.url);
    this.source = source;
    for (const kind of KINDS) source.addEventListener(kind, (event: MessageEvent<string>) => this.received(kind, event.data));
    source.onopen = () => this.alive();
    source.onerror = () => this.lost();
  }

  private received(kind: StreamKind, data: string) {
    if (kind === "keep_alive") this.heardKeepAlive = true;
    this.alive();
    this.handlers.event(kind, data ? JSON.parse(data) : null);
  }

  private alive() {
    this.pause = FIRST_PAUSE_MS;
    this.handlers.state("live");
    clearTimeout(this.silence);
    // Comments keep proxies awake but never reach us: silence only means something once real keep-alives were heard.
    if (this.heardKeepAlive) this.silence = setTimeout(this.lost, SILENCE_MS);
  }

  private readonly lost = () => {
    this.drop();
    this.handlers.state("lost");
    this.retry = setTimeout(() => this.connect(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  };

  /** Tries again now instead of waiting for the end of the pause; nothing if a connection is there or on its way. */
  readonly hurry = () => {
    if (this.source) return;
    this.pause = FIRST_PAUSE_MS;
    this.connect();
  };

  private readonly visible = () => {
    if (document.visibilityState === "visible") this.hurry();
  };

  private drop() {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = undefined;
  }
}
