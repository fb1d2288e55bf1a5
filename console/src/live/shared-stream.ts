// One event stream for all tabs of a browser: a browser keeps only six connections to a server open, and every tab needs some for itself.
// The tab that holds the lock has the stream and passes on what it hears; when it closes, the next one takes over.
import { EventStream, type StreamHandlers, type StreamKind, type StreamState } from "./stream";

const NAME = "mayday-events";
/** While the stream is lost, a tab that somebody looks at hurries the one that has it: browsers slow down hidden tabs. */
const WAKE_MS = 2_000;

type Message = { say: "state"; state: StreamState } | { say: "event"; kind: StreamKind; data: unknown } | { say: "which state" } | { say: "wake" };

export class SharedStream {
  private readonly channel = new BroadcastChannel(NAME);
  private readonly left = new AbortController();
  private stream: EventStream | undefined;
  private state: StreamState = "connecting";
  private resign: () => void = () => {};
  private waking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly handlers: StreamHandlers,
  ) {}

  open() {
    this.handlers.state(this.state);
    this.channel.onmessage = (message) => this.hear(message.data as Message);
    this.channel.postMessage({ say: "which state" } satisfies Message);
    this.waking = setInterval(() => this.hurry(), WAKE_MS);
    navigator.locks.request(NAME, { signal: this.left.signal }, () => this.lead()).catch((error: unknown) => {
      // Closed before it was this tab's turn.
      if (!this.left.signal.aborted) throw error;
    });
  }

  close() {
    this.left.abort();
    clearInterval(this.waking);
    this.stream?.close();
    this.resign();
    this.channel.close();
  }

  /** Holds the lock for as long as this tab lives. */
  private lead(): Promise<void> {
    this.stream = new EventStream(this.url, {
      state: (state) => this.tell({ say: "state", state }),
      event: (kind, data) => this.tell({ say: "event", kind, data }),
    });
    this.stream.open();
    return new Promise((resolve) => (this.resign = resolve));
  }

  private tell(message: Message) {
    this.channel.postMessage(message);
    this.hear(message);
  }

  private hear(message: Message) {
    switch (message.say) {
      case "state":
        this.state = message.state;
        return this.handlers.state(message.state);
      case "event":
        return this.handlers.event(message.kind, message.data);
      case "which state":
        if (this.stream) this.channel.postMessage({ say: "state", state: this.state } satisfies Message);
        return;
      case "wake":
        return this.stream?.hurry();
    }
  }

  private hurry() {
    if (this.state === "live" || this.stream || document.visibilityState !== "visible") return;
    this.channel.postMessage({ say: "wake" } satisfies Message);
  }
}

/** The shared stream where the browser has what it takes (a secure page), else one of this tab's own. */
export function openStream(url: string, handlers: StreamHandlers): { close(): void } {
  const shared = typeof BroadcastChannel !== "undefined" && navigator.locks !== undefined;
  const stream = shared ? new SharedStream(url, handlers) : new EventStream(url, handlers);
  stream.open();
  return stream;
}
