// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** The head of a page that is kept up to date: the time, the age of the data, and what must be said loudly. */

import { clock, filled, find, part, say } from "./page.js";
import { Stream } from "./stream.js";

/** @typedef {import("./stream.js").Group} Group */
/** @typedef {import("./stream.js").Space} Space */

/**
 * The head of a page and the stream that keeps it up to date.
 * @param {HTMLElement} board what holds the spaces, and the words of the page
 * @param {() => void} draw shows the spaces
 * @param {(space: Space) => boolean} wants whether a space is on this page
 */
export function headAndStream(board, draw, wants = () => true) {
  const head = new Head(JSON.parse(board.dataset.words || "{}"), board.dataset.timezone, Number(board.dataset.staleMs));
  // Whoever gets this far keeps the page up to date: what says otherwise goes (theme.css).
  document.documentElement.toggleAttribute("data-live", true);
  const stream = new Stream({
    draw,
    wants,
    showTime: () => head.show(stream),
    tell: (space) => head.tell(space, stream),
    notice: (said) => head.showNotice(said),
    alarmed: () => head.alarmed(),
  });
  return { head, stream };
}

/**
 * The same for a page of one space, which the board names: whoever reads it did not ask for the rest of the building.
 * @param {HTMLElement} board what shows the space, and holds the words of the page
 * @param {() => void} draw shows the space
 */
export function headAndStreamOfOne(board, draw) {
  const id = board.dataset.space || "";
  const { head, stream } = headAndStream(board, draw, (space) => space.id === id);
  stream.page.tell = (space) => say(find(document, "#news"), head.changeOf(space, stream));
  return { head, stream, spaceNow: () => stream.spaces.get(id) };
}

export class Head {
  /**
   * @param {Record<string, string>} words
   * @param {string | undefined} timezone of the building
   * @param {number} staleMs data that are older count for nothing
   */
  constructor(words, timezone, staleMs) {
    this.words = words;
    this.staleMs = staleMs;
    this.clock = clock(timezone, { hour: "2-digit", minute: "2-digit" });
    this.exact = clock(timezone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.day = clock(timezone, { day: "2-digit", month: "2-digit" });
    /** @type {Record<string, string | null>} */
    this.notice = {};
    /** Is called when an alarm is other than it was; only some pages have alarms. */
    this.alarmed = () => {};
  }

  /** @param {Record<string, string | null>} said what the operator says, by language */
  showNotice(said) {
    this.notice = said;
    say(find(document, "#notice"), said[document.documentElement.lang] || "");
  }

  /**
   * Goes on in another language.
   * @param {string} language
   * @param {Record<string, string>} words
   */
  speak(language, words) {
    this.words = words;
    document.documentElement.lang = language;
    this.showNotice(this.notice);
  }

  /**
   * Shows the time of the server, the age of the data, and what must be said loudly.
   * @param {Stream} stream
   */
  show(stream) {
    find(document, "#now").textContent = this.clock(stream.nowMs());
    // What is asked for again (running.js) cannot be, and does not stand as if it were of now (theme.css).
    document.documentElement.toggleAttribute("data-lost", stream.isLost);
    const freshness = find(document, "#freshness");
    freshness.toggleAttribute("data-late", stream.isLate);
    if (stream.spaces.size > 0) {
      const newestMs = stream.newestMs();
      const data = newestMs > 0 ? filled(this.words.as_of, { time: this.timeAt(newestMs, stream) }) : this.words.no_data;
      freshness.textContent = stream.isLate && !stream.isLost ? `${this.words.server_late}: ${data}` : data;
      this.showBanner(this.loudly(newestMs, stream), stream);
    } else if (stream.isLost) {
      this.showBanner(this.words.server_lost, stream);
    }
  }

  /**
   * @param {number} newestMs the time of the newest data, 0 if there are none
   * @param {Stream} stream
   * @returns {string} what must be said loudly, if anything
   */
  loudly(newestMs, stream) {
    const time = newestMs > 0 ? this.timeAt(newestMs, stream) : "";
    if (stream.isLost) return this.words.server_lost;
    if (!stream.link.up) return time ? filled(this.words.link_lost, { time }) : this.words.link_never;
    if (!time) return this.words.data_none;
    return stream.nowMs() - newestMs > this.staleMs ? filled(this.words.data_old, { time }) : "";
  }

  /**
   * @param {string} text
   * @param {Stream} stream
   */
  showBanner(text, stream) {
    say(find(document, "#banner-text"), text);
    find(document, "#banner").hidden = text === "";
    const time = filled(this.words.server_last, { time: this.timeAt(stream.nowMs() - stream.silence(), stream) });
    const ago = filled(this.words.ago, { age: this.lengthOf(stream.silence()) });
    find(document, "#banner-age").textContent = stream.isLost ? `${time.replace(/\.$/, "")}, ${ago}.` : "";
  }

  /**
   * Tells those who do not see the page what changed.
   * @param {Space} space
   * @param {Stream} stream
   */
  tell(space, stream) {
    const counts = Object.fromEntries(
      (/** @type {const} */ (["free", "occupied", "unknown"])).map((one) => [one, String(stream.count(one))]),
    );
    say(find(document, "#news"), `${this.changeOf(space, stream)}. ${filled(this.words.counts, counts)}.`);
  }

  /**
   * @param {Space} space
   * @param {Stream} stream
   * @returns {string} what it has become
   */
  changeOf(space, stream) {
    return filled(this.words.changed, { name: space.name, word: this.words[stream.groupOf(space)] });
  }

  /**
   * @param {number} ms
   * @param {Stream} stream
   * @returns {string} the time of day, with the date where it is not today
   */
  timeAt(ms, stream) {
    return this.day(ms) === this.day(stream.nowMs()) ? this.exact(ms) : `${this.day(ms)} ${this.clock(ms)}`;
  }

  /**
   * @param {Space} space
   * @param {Stream} stream
   * @returns {string} of when its data are, or when it was last heard of where it is unknown
   */
  ageOf(space, stream) {
    const age = stream.occupancyOf(space) === "unknown" ? this.words.last_word : this.words.as_of;
    return space.asOf ? filled(age, { time: this.timeAt(Date.parse(space.asOf), stream) }) : "";
  }

  /**
   * A state as word, shape and colour.
   * @param {HTMLElement} item
   * @param {Group} group
   */
  mark(item, group) {
    item.dataset.occupancy = group;
    find(item, '[data-part="shape"]').setAttribute("href", `#shape-${group}`);
    part(item, "word", group === "booked" ? this.words.empty : this.words[group]);
  }

  /**
   * @param {Space} space
   * @param {Stream} stream
   * @returns {string} why it is unknown, or since when it is what it is, where that is today
   */
  detailOf(space, stream) {
    if (stream.isLost) return "";
    if (space.unknownBecause) return this.words[space.unknownBecause];
    const isToday = space.since && this.day(Date.parse(space.since)) === this.day(stream.nowMs());
    return space.since && isToday ? filled(this.words.since, { time: this.clock(Date.parse(space.since)) }) : "";
  }

  /**
   * @param {number} ms
   * @returns {string} how long that is, in words
   */
  lengthOf(ms) {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return filled(this.words.seconds, { n: String(Math.floor(ms / 1000)) });
    if (minutes < 60) return minutes === 1 ? this.words.minute : filled(this.words.minutes, { n: String(minutes) });
    const hours = Math.floor(minutes / 60);
    return hours === 1 ? this.words.hour : filled(this.words.hours, { n: String(hours) });
  }
}
