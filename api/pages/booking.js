// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** When a space is booked, in words: the same as api/front/booking.py says. */

import { filled } from "./page.js";

/** @typedef {import("./head.js").Head} Head */
/** @typedef {import("./stream.js").Space} Space */
/** @typedef {import("./stream.js").Stream} Stream */

/**
 * @param {Space} space
 * @param {Head} head
 * @param {Stream} stream
 * @returns {string} until when it is booked or free, or from when it is booked
 */
export function bookingOf(space, head, stream) {
  const { words } = head;
  if (space.booked && space.bookedUntil) return filled(words.booked_until, { time: timeOf(space.bookedUntil, head, stream) });
  if (space.booked === null) return "";
  const isFree = stream.occupancyOf(space) === "free";
  if (space.freeUntil && isToday(space.freeUntil, head, stream)) {
    return filled(isFree ? words.free_until : words.booked_from, { time: timeOf(space.freeUntil, head, stream) });
  }
  return isFree ? words.free_today : "";
}

/**
 * @param {string} instant
 * @param {Head} head
 * @param {Stream} stream
 */
function isToday(instant, head, stream) {
  return head.day(Date.parse(instant)) === head.day(stream.nowMs());
}

/**
 * @param {string} instant
 * @param {Head} head
 * @param {Stream} stream
 */
function timeOf(instant, head, stream) {
  const ms = Date.parse(instant);
  return isToday(instant, head, stream) ? head.clock(ms) : `${head.day(ms)} ${head.clock(ms)}`;
}
