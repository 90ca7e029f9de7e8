// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/**
 * Keeps what was found up to date. What fits is the server's to say: when a space becomes something else, the page asks
 * it again, and until the answer is there what changed is marked at once. Without the server nothing is free.
 */

import { headAndStream } from "./head.js";
import { find, part, say, stopwatch } from "./page.js";

/** @typedef {import("./stream.js").Space} Space */

/** The server is asked again at most so often, however much happens. */
const ASK_MS = 4_000;
/** An answer that takes longer is not waited for: the next change asks anew. */
const WAIT_MS = 10_000;

let results = find(document, "#results");
const { head, stream } = headAndStream(results, draw);
stream.page.tell = () => {};
const { showTime } = stream.page;
stream.page.showTime = () => {
  showTime();
  showIfOver();
};

/** What was known of all spaces when the server was last asked: what could change what fits. */
let asked = "";
let since = stopwatch();
/** @type {number | undefined} */
let asking;

function draw() {
  for (const element of results.querySelectorAll("[data-space]")) show(/** @type {HTMLElement} */ (element));
  results.toggleAttribute("data-lost", stream.isLost);
  if (stream.isLost) part(results, "heading", head.words.find_lost);
  if (stream.isLost) asked = "";
  else if (stream.spaces.size > 0) askIfChanged();
}

/** @param {HTMLElement} item */
function show(item) {
  const space = stream.spaces.get(item.dataset.space ?? "");
  if (stream.isLost) {
    head.mark(item, "unknown");
    part(item, "booking", "");
    part(item, "detail", "");
  }
  if (space === undefined) return;
  const group = stream.groupOf(space);
  if (item.dataset.occupancy !== group) head.mark(item, group);
  part(item, "age", head.ageOf(space, stream));
}

/** The time until which somebody wants to sit is over: what fits is asked for without it. */
function showIfOver() {
  const { until } = results.dataset;
  if (until === undefined || stream.nowMs() < Date.parse(until)) return;
  delete results.dataset.until;
  find(document, "#wrong-until").hidden = false;
  asked = "";
  draw();
}

function askIfChanged() {
  const known = [...stream.spaces.values()]
    .map((one) => [one.id, one.occupancy, one.unknownBecause, one.kind, one.capacity, one.booked, one.bookedUntil, one.freeUntil].join(" "))
    .join("\n");
  if (known === asked || asking !== undefined) return;
  asking = setTimeout(() => ask(known), asked === "" ? 0 : Math.max(0, ASK_MS - since()));
}

/**
 * Asks the server what fits now, and shows that.
 * @param {string} known
 */
async function ask(known) {
  since = stopwatch();
  try {
    const address = find(document, "#reload").getAttribute("href") ?? "";
    const answer = await fetch(address, { signal: AbortSignal.timeout(WAIT_MS) });
    if (answer.ok) {
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      asked = known;
    }
  } catch {
    // The stream tells whether the server is lost; the next thing that it says lets us ask again.
  }
  asking = undefined;
  draw();
}

/** @param {Document} page */
function take(page) {
  const fresh = /** @type {HTMLElement} */ (document.adoptNode(find(page, "#results")));
  const held = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-space]") ?? null);
  results.replaceWith(fresh);
  results = fresh;
  const again = held && results.querySelector(`[data-space="${CSS.escape(held.dataset.space ?? "")}"] a`);
  /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
  say(find(document, "#news"), find(results, '[data-part="heading"]').textContent ?? "");
}

stream.follow();
