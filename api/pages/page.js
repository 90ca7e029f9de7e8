// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** What any page of ours needs: to find its parts, to say things once, and to tell time. */

/**
 * Milliseconds since now, by whichever clock of this device ran most: one stops while it sleeps, the other
 * may be set back.
 * @returns {() => number}
 */
export function stopwatch() {
  const start = { wall: Date.now(), steady: performance.now() };
  return () => Math.max(Date.now() - start.wall, performance.now() - start.steady);
}

/**
 * Times of the building, whatever the zone of this screen.
 * @param {string | undefined} timeZone
 * @param {Intl.DateTimeFormatOptions} wanted
 * @returns {(ms: number) => string}
 */
export function clock(timeZone, wanted) {
  const options = { ...wanted, timeZone, hourCycle: /** @type {const} */ ("h23") };
  const format = new Intl.DateTimeFormat("nl-NL", options);
  return (ms) => format.format(ms);
}

/**
 * @param {string} text
 * @param {Record<string, string>} names
 */
export function filled(text, names) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in names ? names[name] : whole));
}

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(parent, selector) {
  const found = parent.querySelector(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/**
 * @param {ParentNode} parent
 * @param {string} name
 * @param {string} text
 */
export function part(parent, name, text) {
  say(find(parent, `[data-part="${name}"]`), text);
}

/**
 * Changes a text only if it is another, so that nothing is read aloud twice.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
