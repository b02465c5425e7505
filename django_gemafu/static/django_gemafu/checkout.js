/* Keeps the payment panels of a page up to date: counts down, asks the shop whether the payment has
   arrived, shows what became of it, and goes back to the shop. All words come from the templates.
   For the old web views of cheap phones this stays within ES2018. */

const SECOND = 1000;
const TIMEOUT = 10 * SECOND;
const PLACING_TIMEOUT = 40 * SECOND; // the shop asks the gateway meanwhile
const FASTEST = 1.5 * SECOND;
const SLOWEST = 8 * SECOND;
const MOST_PATIENT = 30 * SECOND; // between attempts that fail
const WITHOUT_CODE = 15 * SECOND; // nothing is to be paid any more
const WITHOUT_CODE_LIMIT = 10 * 60 * SECOND;
const JOY = 2 * SECOND;

const now = () => performance.now(); // the customer's own clock may be wrong, or be set meanwhile
const jitter = (delay) => delay * (0.8 + 0.4 * Math.random());
const panels = new Set();

/** A live region reads out every write, so write only what is new. */
function write(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function on(element, event, react) {
  if (element) element.addEventListener(event, react);
}

/** Where the shop wants the customer, unless it is something that would run as a script. */
function webAddress(value) {
  try {
    const url = new URL(value, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch (error) {
    return null;
  }
}

function clock(seconds, daysText) {
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  if (hours < 1) return rest.replace(/^0/, "");
  if (hours < 24) return `${hours}:${rest}`;
  const time = `${hours % 24}:${rest}`;
  return daysText.replace("{days}", Math.floor(hours / 24)).replace("{time}", time);
}

/** The seconds left by the server's clock, carried on by a clock that nobody sets. */
class Countdown {
  constructor(element, text, { announce, onOver, onSleep }) {
    Object.assign(this, { element, text, announce, onOver, onSleep, over: false });
  }

  sync(secondsLeft, since) {
    if (!this.element || !Number.isFinite(secondsLeft)) return;
    const end = since + secondsLeft * SECOND;
    // The server counts in whole seconds: a smaller difference is only rounding.
    if (Math.abs(end - this.end) < 1.5 * SECOND) return;
    this.end = end;
    this.over = this.over && secondsLeft <= 0;
    this.tick();
  }

  tick() {
    if (!this.end || !this.element.isConnected) return;
    clearTimeout(this.ticking);
    this.noticeSleep();
    const left = this.end - now();
    this.draw(Math.max(0, Math.round(left / SECOND)));
    const next = left > 0 ? ((left + SECOND / 2) % SECOND) + 10 : SECOND;
    this.ticking = setTimeout(() => this.tick(), next);
  }

  /** Where performance.now() stands still while the device sleeps, the wall clock tells. */
  noticeSleep() {
    const lag = Date.now() - now();
    const slept = lag - this.lag;
    this.lag = lag;
    if (!(Math.abs(slept) > 2 * SECOND)) return;
    // Until the server has been asked. A clock set back is no reason to give more time.
    this.end -= Math.max(0, slept);
    this.onSleep();
  }

  draw(left) {
    write(this.element, clock(left, this.text.textDays));
    this.element.toggleAttribute("data-urgent", left <= 60);
    for (const [limit, words] of [[300, this.text.textMinutes], [60, this.text.textMinute]]) {
      if (this.left > limit && left <= limit && left > limit - 10) this.announce(words);
    }
    this.left = left;
    if (left > 0 || this.over) return;
    this.over = true;
    this.onOver();
  }
}

class Panel {
  constructor(root, wasSeen) {
    this.root = root;
    this.text = root.dataset;
    this.failures = 0;
    this.started = this.returned = now();
    this.isSlow = this.text.state === "expired" || "underReview" in this.text;
    this.countdown = new Countdown(root.querySelector("[data-clock]"), this.text, {
      announce: (words) => write(root.querySelector("[data-announce]"), words),
      onOver: () => this.wake(),
      onSleep: () => this.wake(),
    });
    panels.add(this);
    on(root.querySelector("[data-check]"), "submit", (event) => this.check(event));
    on(root.querySelector("[data-retry]"), "submit", (event) => this.retry(event));
    on(root.querySelector("[data-copy]"), "click", (event) => this.copy(event.currentTarget));
    root.setAttribute("data-ready", "");
    if (this.text.expiresIn) {
      const page = performance.getEntriesByType("navigation")[0];
      const since = wasSeen || !page ? now() : page.responseStart;
      this.countdown.sync(Number(this.text.expiresIn), since);
    }
    this.show();
    this.schedule();
  }

  get watches() {
    return "watch" in this.text && this.root.isConnected;
  }

  /** Whether this page has looked long enough; coming back to it still makes it look once. */
  get isTired() {
    return this.isSlow && now() - this.started > WITHOUT_CODE_LIMIT;
  }

  get delay() {
    if (this.failures) return Math.min(2 * SECOND * 2 ** this.failures, MOST_PATIENT);
    if (this.isSlow) return WITHOUT_CODE;
    // Soon after the customer came from WeChat the payment is close.
    return Math.min(Math.max((now() - this.returned) / 20, FASTEST), SLOWEST);
  }

  /** Ask now: the customer has come back, or wants to know. */
  wake() {
    if (!this.watches) return;
    this.countdown.tick();
    this.show();
    if (document.hidden || this.retrying) return;
    this.returned = now();
    this.failures = Math.min(this.failures, 1);
    this.etag = null; // the countdown wants the seconds, too
    // A request from before the device slept would hold us up until its timeout.
    if (this.request && now() - this.sent > 3 * SECOND) this.abort();
    this.poll();
  }

  abort() {
    clearTimeout(this.timer);
    if (this.request) this.request.abort();
    this.request = null;
  }

  schedule() {
    clearTimeout(this.timer);
    if (this.watches && !this.isTired) this.timer = setTimeout(() => this.poll(), jitter(this.delay));
  }

  async poll() {
    clearTimeout(this.timer);
    if (!this.watches || this.request || document.hidden) return; // coming back wakes us
    const request = (this.request = new AbortController());
    this.sent = now();
    this.show();
    try {
      await this.ask(request);
      if (request !== this.request) return;
      this.failures = 0;
      if (this.asked) this.answered = now();
    } catch (error) {
      if (request !== this.request) return; // a newer one has taken its place
      this.fail();
    }
    this.request = null;
    this.show();
    this.schedule();
  }

  /** Who pressed the button is told at once; a single hiccup in the background is nothing. */
  fail() {
    this.failures += this.asked ? 2 : 1;
    this.answered = this.asked = null;
  }

  async fetch(url, controller, options, timeout = TIMEOUT) {
    const timer = setTimeout(() => controller.abort(), timeout);
    const common = { cache: "no-store", referrerPolicy: "no-referrer", signal: controller.signal };
    try {
      this.isDown = false;
      const response = await fetch(url, Object.assign(common, options));
      this.isDown = response.status >= 400;
      return { response, body: await response.text() };
    } finally {
      clearTimeout(timer);
    }
  }

  async ask(request) {
    const headers = { Accept: "application/json" };
    if (this.etag) headers["If-None-Match"] = this.etag;
    const { response, body } = await this.fetch(this.text.statusUrl, request, { headers });
    if (response.status === 304) return;
    if (!response.ok) throw new Error(response.status);
    const answer = JSON.parse(body);
    if (typeof answer.status !== "string") throw new TypeError("not a status");
    if (request !== this.request) return;
    this.isStale = this.differs(answer);
    if (this.isStale) {
      this.show(); // what must not be paid any more is gone at once
      await this.replace(request);
      return;
    }
    this.etag = response.headers.get("ETag");
    this.countdown.sync(answer.expires_in, this.sent);
  }

  /** Whether the page shows something else than what is true now. */
  differs({ status, payable_fen: payable }) {
    const shown = payable === null ? "" : String(payable);
    return status !== this.text.state || shown !== this.text.payableFen;
  }

  /** Show the panel as the server makes it now. */
  async replace(request) {
    const headers = { Accept: "text/html" };
    const { response, body } = await this.fetch(this.text.panelUrl, request, { headers });
    const page = new DOMParser().parseFromString(body, "text/html");
    const fresh = page.querySelector("[data-gemafu]");
    if (!response.ok || !fresh) throw new Error("no panel");
    if (!this.watches) return;
    const { root } = this;
    const isEmbedded = "embedded" in this.text;
    const hadFocus = root.contains(document.activeElement);
    panels.delete(this);
    root.replaceWith(fresh);
    if (!isEmbedded) document.title = page.title;
    const title = fresh.querySelector("[tabindex]") || fresh.querySelector("h1, h2");
    if (title && (hadFocus || !isEmbedded)) {
      title.tabIndex = -1;
      title.focus();
    } else if (title) {
      const announcer = fresh.querySelector("[data-announce]");
      setTimeout(() => write(announcer, title.textContent), SECOND / 2);
    }
    return start(fresh, true);
  }

  async retry(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("button");
    button.disabled = true;
    this.abort();
    const request = (this.request = new AbortController());
    this.asked = this.retrying = true;
    this.show();
    try {
      const options = { method: "POST", redirect: "manual" };
      await this.fetch(form.action, request, options, PLACING_TIMEOUT);
      const fresh = await this.replace(request);
      if (fresh) write(fresh.root.querySelector("[data-status]"), fresh.text.textUnanswered);
    } catch (error) {
      this.failures += 2;
    }
    this.request = this.asked = this.retrying = null;
    button.disabled = false;
    this.show();
    this.schedule();
  }

  check(event) {
    event.preventDefault();
    this.asked = true;
    this.answered = null;
    this.wake();
  }

  show() {
    const { root, text } = this;
    const isOver = this.countdown.over;
    const isOffline = !navigator.onLine || this.failures > 1;
    if (this.answered && now() - this.answered > 15 * SECOND) this.answered = this.asked = null;
    let words = this.isTired ? "" : text.textWaiting || "";
    if (this.asked) words = this.answered ? text.textUnpaid : text.textChecking;
    else if (isOffline) words = navigator.onLine && this.isDown ? text.textTrouble : text.textOffline;
    else if (isOver) words = text.textOver;
    root.toggleAttribute("data-offline", isOffline && !this.asked);
    root.toggleAttribute("data-over", isOver || Boolean(this.isStale));
    write(root.querySelector("[data-status]"), words);
  }

  async copy(button) {
    const amount = this.root.querySelector("[data-amount]");
    const report = this.root.querySelector("[data-copied]");
    let done = true;
    try {
      await navigator.clipboard.writeText(amount.textContent);
    } catch (error) {
      // No secure context, or an old web view. If this fails too, the amount is at least selected.
      getSelection().selectAllChildren(amount);
      done = document.execCommand("copy");
    }
    const words = done ? this.text.textCopied : this.text.textUncopied;
    const isIcon = !button.textContent.trim();
    if (!this.copyLabel) this.copyLabel = button.textContent;
    if (!isIcon) button.textContent = words;
    write(report, words);
    report.classList.toggle("gemafu-hidden", done || !isIcon);
    button.toggleAttribute("data-done", done);
    clearTimeout(this.copying);
    this.copying = setTimeout(() => {
      if (!isIcon) button.textContent = this.copyLabel;
      write(report, "");
      button.removeAttribute("data-done");
    }, 3 * SECOND);
  }
}

function start(root, wasSeen) {
  const panel = new Panel(root, wasSeen);
  const { state, redirectUrl } = panel.text;
  const change = { bubbles: true, cancelable: true, detail: { status: state } };
  const mayGo = !wasSeen || root.dispatchEvent(new CustomEvent("gemafu:change", change));
  const target = redirectUrl && webAddress(redirectUrl);
  // A page of the shop's that shows a paid panel from the start is where the customer wants to be.
  const isDue = state === "paid" && (wasSeen || !("embedded" in panel.text));
  if (target && isDue && mayGo) setTimeout(() => location.replace(target), JOY);
  return panel;
}

const wake = () => panels.forEach((panel) => panel.wake());
document.addEventListener("visibilitychange", wake);
for (const name of ["focus", "online"]) addEventListener(name, wake);
addEventListener("pageshow", (event) => event.persisted && wake());
addEventListener("offline", () => panels.forEach((panel) => panel.show()));
document.querySelectorAll("[data-gemafu]").forEach((root) => start(root, false));
