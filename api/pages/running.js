// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/**
 * Keeps alarms and devices up to date on the live page: what the server would write now takes the place of what it
 * wrote, but not under the hands of somebody who is at it.
 */

const EACH_MS = 60_000;

/** Asks for the page again, and takes over every part of it that is marked as `data-fresh`. */
async function refresh() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of found.querySelectorAll("[data-fresh]")) {
    const name = /** @type {HTMLElement} */ (fresh).dataset.fresh ?? "";
    const here = document.querySelector(`[data-fresh="${CSS.escape(name)}"]`);
    if (here === null || here.outerHTML === fresh.outerHTML || isInUse(here)) continue;
    here.replaceWith(document.adoptNode(fresh));
  }
}

/**
 * @param {Element} part
 * @returns {boolean} whether somebody opened something in it, or is in it with the keyboard
 */
function isInUse(part) {
  return part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
}

/** Begins, and goes on; a server that is away is asked again. */
export function keepFresh() {
  const ask = () => refresh().catch(() => undefined);
  setInterval(ask, EACH_MS);
  return ask;
}
