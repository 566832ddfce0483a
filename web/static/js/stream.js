// The live stream: one EventSource, closed while the page is hidden, opened anew when it fails.
// "news" means a serial not seen before: a reconnection that repeats an old snapshot is none.

const STREAM = "/api/v1/stream";
const STALE_MS = 1000;
const SILENT_MS = 3000; // then the line is taken for dead, as after a loss of Wi-Fi
const RETRY_MS = 1000;

export class LiveStream {
  constructor({ onState, onLink, onRefused }) {
    Object.assign(this, { onState, onLink, onRefused });
    this.state = null;
    this.newsAt = this.frameAt = this.openedAt = performance.now();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.open());
    setInterval(() => this.watch(), 200);
    if (!document.hidden) this.open();
  }

  open() {
    this.close();
    this.openedAt = performance.now();
    this.source = new EventSource(STREAM);
    this.source.onmessage = (event) => this.take(JSON.parse(event.data));
    this.source.onerror = () => this.retry();
  }

  close() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = null;
  }

  retry() {
    this.close();
    this.timer = setTimeout(() => this.open(), RETRY_MS);
    this.askWhy();
  }

  // An EventSource doesn't tell why it was refused; the same request by hand does.
  async askWhy() {
    const aborter = new AbortController();
    try {
      const answer = await fetch(STREAM, { signal: aborter.signal });
      if (answer.status === 401) location.reload(); // not paired any more: the page says how
      if (answer.status === 503) this.onRefused((await answer.json()).error);
    } catch {
      // No answer at all: the link's state says so.
    } finally {
      aborter.abort();
    }
  }

  take(news) {
    const now = performance.now();
    const before = this.state;
    if (before === null || news.serial !== before.serial) this.newsAt = now;
    if (before === null || news.frame !== before.frame) this.frameAt = now;
    this.state = { ...before, ...news };
    this.onState(this.state, before);
    this.watch();
  }

  watch() {
    if (document.hidden) return;
    const now = performance.now();
    const quiet = now - this.newsAt;
    const still = now - this.frameAt;
    const silent = now - Math.max(this.newsAt, this.openedAt);
    if (silent > SILENT_MS && this.timer === undefined) this.retry();
    if (quiet > STALE_MS) this.onLink(this.state === null ? "connecting" : "lost", Math.floor(quiet / 1000));
    else if (this.state === null) this.onLink("connecting", 0);
    else if (still > STALE_MS && this.state.frame >= 0) this.onLink("stale", Math.floor(still / 1000));
    else this.onLink("live", 0);
  }
}
