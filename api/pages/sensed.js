// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Air and AV of a space, in words. */

import { filled } from "./page.js";

/** @typedef {import("./stream.js").Space} Space */
/** @typedef {import("./stream.js").Stream} Stream */

/**
 * @param {Space} space
 * @param {Record<string, string>} words
 * @param {Stream} stream
 * @returns {string} the class of the air and its CO2; "" where nobody may know, or does
 */
export function airOf(space, words, stream) {
  if (!space.airClass || stream.occupancyOf(space) === "unknown") return "";
  return filled(words.air, { word: words[space.airClass], ppm: String(space.co2Ppm) });
}

/**
 * @param {Space} space
 * @param {Record<string, string>} words
 * @param {Stream} stream
 * @returns {string} whether AV is on, and for nobody; "" where nobody may know, or does
 */
export function avOf(space, words, stream) {
  if (space.avOn === null || stream.occupancyOf(space) === "unknown") return "";
  if (!space.avOn) return words.av_off;
  return space.occupancy === "free" ? words.av_empty : words.av_on;
}

/**
 * @param {Space} space
 * @param {Stream} stream
 * @returns {string} the people of the places, as in "3/8"; only where somebody is, and something counts
 */
export function peopleOf(space, stream) {
  if (stream.occupancyOf(space) !== "occupied" || space.people === null) return "";
  return `${Math.round(space.people)}/${space.capacity}`;
}
