// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** What is good for a screen that is on for years: it moves a little, is dim at night, and begins anew each day. */

import { stopwatch } from "./page.js";

const LOOK_MS = 10_000;
/** So long all stays where it is; then it moves on by a step, around a small square. */
const STILL_MS = 180_000;
const STEP_PX = 3;
const STEPS = [[0, 0], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]];

const HOUR_MS = 3_600_000;
/** From this age on a page begins anew in the night, so that it has the scripts of the server of today. */
const OLD_MS = (20 + Math.random()) * HOUR_MS;
/** Where there is no night: then too. */
const TOO_OLD_MS = OLD_MS + 12 * HOUR_MS;
const TRY_AGAIN_MS = 300_000;

/**
 * @param {[number, number][] | undefined} nights from when until when; none for a page that is no screen
 * @param {() => number} nowMs the time of the server
 */
export function rest(nights, nowMs) {
  const age = stopwatch();
  let tried = stopwatch();
  const look = () => {
    move(nowMs());
    if (nights === undefined) return;
    const isNight = nights.some(([beginsMs, endsMs]) => beginsMs <= nowMs() && nowMs() < endsMs);
    document.documentElement.toggleAttribute("data-night", isNight);
    if (age() > (isNight ? OLD_MS : TOO_OLD_MS) && tried() > TRY_AGAIN_MS) {
      tried = stopwatch();
      beginAnew();
    }
  };
  look();
  setInterval(look, LOOK_MS);
}

/** @param {number} ms */
function move(ms) {
  const [right, down] = STEPS[Math.floor(ms / STILL_MS) % STEPS.length];
  // By the script, because a style in the page is refused (Content-Security-Policy).
  document.body.style.setProperty("--shift-x", `${right * STEP_PX}px`);
  document.body.style.setProperty("--shift-y", `${down * STEP_PX}px`);
}

/** Only when the server answers: a screen without one must go on saying that all is unknown. */
async function beginAnew() {
  try {
    const answer = await fetch(location.href, { method: "HEAD" });
    if (answer.ok) location.reload();
  } catch (error) {
    // It is away; the head of the page says so.
  }
}
