/* The waiting page: counts down, asks the shop whether the payment has arrived, and moves on.
   All of its words come from the template as data-text-*; nothing remote is ever written as HTML. */

const SECOND = 1000;
const TIMEOUT = 10 * SECOND;
const JUST_RETURNED = 30 * SECOND; // from WeChat, most likely: the payment is close
const SLOW_LIMIT = 10 * 60 * SECOND; // how long a page with no code to pay still looks for money
const MOST_PATIENT = 30 * SECOND;

const now = () => performance.now(); // the customer's own clock may be wrong, or be set meanwhile
const jitter = (delay) => delay * (0.8 + 0.4 * Math.random());

function clock(seconds, daysText) {
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  if (hours < 1) return rest.replace(/^0/, "");
  if (hours < 24) return `${hours}:${rest}`;
  const time = `${hours % 24}:${rest}`;
  return daysText.replace("{days}", Math.floor(hours / 24)).replace("{time}", time);
}

/** A live region reads out every write, so write only what is new. */
function write(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

/** Where the shop wants the customer, unless it is something that would run as a script. */
function webAddress(value) {
  if (typeof value !== "string" || !value) return null;
  try {
    const url = new URL(value, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The seconds left by the server's clock, carried on by a clock that nobody sets. */
class Countdown {
  constructor(root, { onOver, onSleep }) {
    Object.assign(this, { onOver, onSleep, text: root.dataset, over: false });
    this.element = root.querySelector("[data-clock]");
    this.announcer = root.querySelector("[data-announce]");
  }

  sync(secondsLeft, since = now()) {
    if (!this.element || !Number.isFinite(secondsLeft)) return;
    const end = since + secondsLeft * SECOND;
    // The server counts in whole seconds: a smaller difference is only rounding.
    if (Math.abs(end - this.end) < 1.5 * SECOND) return;
    this.end = end;
    this.over = this.over && secondsLeft <= 0;
    clearTimeout(this.ticking);
    this.tick();
  }

  tick() {
    // Where performance.now() stands still while the device sleeps, the wall clock tells.
    const wall = Date.now();
    if (Math.abs(wall - this.wall) > 5 * SECOND) this.onSleep();
    this.wall = wall;
    this.draw(Math.max(0, Math.round((this.end - now()) / SECOND)));
    const left = this.end - now();
    const next = left > 0 ? ((left + SECOND / 2) % SECOND) + 10 : SECOND;
    this.ticking = setTimeout(() => this.tick(), next);
  }

  draw(left) {
    write(this.element, clock(left, this.text.textDays));
    this.element.toggleAttribute("data-urgent", left <= 60);
    write(this.announcer, left > 50 && left <= 60 ? this.text.textMinute : "");
    if (left > 0 || this.over) return;
    this.over = true;
    this.onOver();
  }
}

class Checkout {
  constructor(root) {
    this.root = root;
    this.text = root.dataset;
    this.status = root.querySelector("[data-status]");
    this.slow = this.text.state === "expired" || "underReview" in this.text;
    this.failures = 0;
    this.started = this.returned = now();
    this.countdown = new Countdown(root, {
      onOver: () => this.wake(),
      onSleep: () => this.wake(),
    });
    if (this.text.expiresIn) {
      const page = performance.getEntriesByType("navigation")[0];
      this.countdown.sync(Number(this.text.expiresIn), page?.responseStart);
    }
    this.listen();
    this.show();
    this.schedule();
    root.setAttribute("data-ready", "");
  }

  listen() {
    document.addEventListener("visibilitychange", () => this.wake());
    for (const name of ["focus", "online"]) addEventListener(name, () => this.wake());
    addEventListener("pageshow", (event) => event.persisted && this.wake());
    addEventListener("offline", () => this.show());
    this.root.querySelector("[data-check]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.asked = this.text.textChecking;
      this.wake();
    });
    this.root.querySelector("[data-copy]")?.addEventListener("click", (event) => {
      this.copy(event.currentTarget);
    });
  }

  /** Ask now: the customer has come back, or wants to know. */
  wake() {
    this.show();
    if (document.hidden) return;
    this.returned = now();
    this.failures = Math.min(this.failures, 1);
    this.leaving = false;
    if (!this.request) this.poll();
    // One from before the device slept would hold us up until its timeout.
    else if (now() - this.sent > 3 * SECOND) this.request.abort("again");
  }

  schedule() {
    clearTimeout(this.timer);
    if (this.isOver()) return;
    this.timer = setTimeout(() => this.poll(), jitter(this.delay()));
  }

  /** Whether this page has looked long enough; coming back to it still makes it look once. */
  isOver() {
    return this.slow && now() - this.started > SLOW_LIMIT;
  }

  delay() {
    if (this.failures) return Math.min(2 * SECOND * 2 ** this.failures, MOST_PATIENT);
    if (this.slow) return 15 * SECOND;
    return now() - this.returned < JUST_RETURNED ? 1.5 * SECOND : 3 * SECOND;
  }

  async poll() {
    clearTimeout(this.timer);
    // Hidden: coming back wakes us.
    if (this.request || this.leaving || document.hidden) return;
    const request = (this.request = new AbortController());
    const timeout = setTimeout(() => request.abort(), TIMEOUT);
    this.sent = now();
    this.show();
    try {
      this.take(await this.ask(request.signal));
      this.failures = 0;
      if (this.asked) this.answered = now();
    } catch {
      if (request.signal.reason !== "again") this.fail();
    }
    clearTimeout(timeout);
    this.request = null;
    if (this.leaving) return;
    this.show();
    if (request.signal.reason === "again") this.poll();
    else this.schedule();
  }

  /** Who pressed the button is told at once; a single hiccup in the background is nothing. */
  fail() {
    this.failures += this.asked ? 2 : 1;
    this.answered = this.asked = null;
  }

  async ask(signal) {
    const response = await fetch(this.text.statusUrl, {
      cache: "no-store",
      headers: { Accept: "application/json" },
      referrerPolicy: "no-referrer",
      signal,
    });
    const answer = response.ok ? await response.json() : null;
    if (typeof answer?.status !== "string") throw new TypeError("not a status");
    return answer;
  }

  take(answer) {
    const target = answer.paid === true && webAddress(answer.redirect_url);
    this.leaving = Boolean(target) || this.isStale(answer);
    if (target) location.replace(target);
    else if (this.leaving) location.reload();
    else this.countdown.sync(answer.expires_in);
  }

  /** Whether the page shows something else than what is true now: there is nothing to pay, say. */
  isStale({ status, payable_fen: payable }) {
    return status !== this.text.state || String(payable ?? "") !== this.text.payableFen;
  }

  show() {
    const { root, text } = this;
    const { over } = this.countdown;
    const offline = !navigator.onLine || this.failures > 1;
    if (this.answered && now() - this.answered > 15 * SECOND) this.answered = this.asked = null;
    let words = this.isOver() ? "" : text.textWaiting ?? "";
    if (this.asked) words = this.answered ? text.textUnpaid : text.textChecking;
    else if (offline) words = text.textOffline;
    else if (over) words = text.textOver;
    root.toggleAttribute("data-offline", offline && !this.asked);
    root.toggleAttribute("data-over", over);
    write(this.status, words);
  }

  async copy(button) {
    const amount = this.root.querySelector("[data-amount]");
    const label = (this.copyLabel ??= button.textContent);
    let done = true;
    try {
      await navigator.clipboard.writeText(amount.textContent);
    } catch {
      // No secure context, or an old web view. If this fails too, the amount is at least selected.
      getSelection().selectAllChildren(amount);
      done = document.execCommand("copy");
    }
    button.textContent = done ? this.text.textCopied : this.text.textUncopied;
    button.toggleAttribute("data-done", done);
    write(this.root.querySelector("[data-copied]"), button.textContent);
    clearTimeout(this.copying);
    this.copying = setTimeout(() => {
      button.textContent = label;
      write(this.root.querySelector("[data-copied]"), "");
      button.removeAttribute("data-done");
    }, 3 * SECOND);
  }
}

for (const root of document.querySelectorAll("[data-gemafu]")) new Checkout(root);
