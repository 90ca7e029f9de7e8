// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/**
 * What a page knows of the building: every space, kept up to date by the live events, and whether the server is
 * still there. When nothing at all comes from it for LOST_MS, everything is unknown. It recovers by itself.
 */

import { stopwatch } from "./page.js";

/** @typedef {"free" | "occupied" | "unknown" | "notMeasured"} Occupancy */

/** @typedef {Occupancy | "booked"} Group What a page calls a space: free is only what is free for the taking. */

/**
 * @typedef {object} Space One space, as /v1/spaces says it.
 * @property {string} id
 * @property {string} name
 * @property {string} floor
 * @property {string} floorName
 * @property {string} kind
 * @property {number} capacity
 * @property {Occupancy} occupancy
 * @property {number | null} people
 * @property {string | null} since
 * @property {string | null} asOf
 * @property {string | null} unknownBecause
 * @property {boolean | null} booked
 * @property {string | null} bookedUntil
 * @property {string | null} freeUntil
 * @property {number | null} co2Ppm mean of a quarter of an hour; null for who may not know, too
 * @property {"good" | "fair" | "poor" | "bad" | null} airClass
 * @property {boolean | null} avOn
 */

/** @typedef {{up: boolean, since: string | null}} Link */

/**
 * @typedef {object} Page What a page does with what it hears.
 * @property {() => void} draw something changed, all that came at once
 * @property {(space: Space) => boolean} wants whether a space is on the page; the others are not kept
 * @property {() => void} showTime a second went by
 * @property {(space: Space) => void} tell a space became something else
 * @property {(notice: Record<string, string | null>) => void} notice the operator says something, or nothing any more
 * @property {() => void} alarmed an alarm is other than it was
 */

const LATE_MS = 25_000;
const LOST_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export class Stream {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, Space>} in the order of the building */
    this.spaces = new Map();
    /** @type {Link} */
    this.link = { up: true, since: null };
    this.isLost = false;
    /** How long ago anything came from the server, in ms. */
    this.silence = stopwatch();
    /** Server time minus the time of this device. */
    this.offsetMs = 0;
    /** @type {EventSource | undefined} */
    this.source = undefined;
    this.attempt = stopwatch();
    this.retryMs = FIRST_RETRY_MS;
    /** @type {number | undefined} */
    this.retry = undefined;
    /** @type {number | undefined} */
    this.drawing = undefined;
  }

  /** Begins, and goes on for as long as the page is there. */
  follow() {
    this.connect();
    setInterval(() => this.look(), 1_000);
    for (const event of ["pageshow", "online"]) addEventListener(event, () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** The time of the server. */
  nowMs() {
    return Date.now() + this.offsetMs;
  }

  /** Whether the server is silent for longer than it ever is by itself. */
  get isLate() {
    return this.silence() > LATE_MS;
  }

  /** The time of the newest data, 0 if there are none. */
  newestMs() {
    return Math.max(0, ...[...this.spaces.values()].map((space) => (space.asOf ? Date.parse(space.asOf) : 0)));
  }

  /**
   * What a page dares to say of a space. What is not measured is not measured without a server, too.
   * @param {Space} space
   * @returns {Occupancy}
   */
  occupancyOf(space) {
    return this.isLost && space.occupancy !== "notMeasured" ? "unknown" : space.occupancy;
  }

  /**
   * @param {Space} space
   * @returns {Group} what is empty and booked is not offered as free
   */
  groupOf(space) {
    const occupancy = this.occupancyOf(space);
    return occupancy === "free" && space.booked ? "booked" : occupancy;
  }

  /**
   * @param {Group} wanted
   * @returns {number} how many spaces are that
   */
  count(wanted) {
    return [...this.spaces.values()].filter((one) => this.groupOf(one) === wanted).length;
  }

  /** Opens the stream, in place of whatever there was. */
  connect() {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.source) this.source.close();
    this.attempt = stopwatch();
    const source = new EventSource("/v1/live-events");
    this.source = source;
    this.hear(source, "spaces", (heard) => {
      this.spaces.clear();
      for (const space of heard.spaces.filter(this.page.wants)) this.spaces.set(space.id, space);
      this.learn(heard.at, heard.link);
    });
    this.hear(source, "space", (heard) => {
      const before = this.spaces.get(heard.id);
      if (this.page.wants(heard)) this.spaces.set(heard.id, heard);
      else this.spaces.delete(heard.id);
      if (before && before.occupancy !== heard.occupancy) this.page.tell(heard);
    });
    this.hear(source, "tick", (heard) => this.learn(heard.at, heard.link));
    this.hear(source, "notice", (heard) => this.page.notice(heard));
    this.hear(source, "alarm", () => this.page.alarmed());
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.reconnectLater();
    });
  }

  /**
   * Anything that can be read is a sign of life; anything else is not.
   * @param {EventSource} stream
   * @param {string} name
   * @param {(heard: any) => void} learnFrom
   */
  hear(stream, name, learnFrom) {
    stream.addEventListener(name, (event) => {
      learnFrom(JSON.parse(event.data));
      this.silence = stopwatch();
      this.retryMs = FIRST_RETRY_MS;
      if (this.drawing === undefined) this.drawing = setTimeout(() => this.draw());
    });
  }

  /**
   * @param {string} at
   * @param {Link} said
   */
  learn(at, said) {
    this.offsetMs = Date.parse(at) - Date.now();
    this.link = said;
  }

  /** Waits longer each time, and not all screens the same, so that a server that returns is not trampled. */
  reconnectLater() {
    if (this.retry !== undefined) return;
    this.retry = setTimeout(() => this.connect(), this.retryMs * (0.75 + Math.random() / 2));
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
  }

  /** Looks at the clock: is the server lost or back, is a stream open and dead, how old is everything? */
  look() {
    if (this.isLate && this.attempt() > LATE_MS && this.retry === undefined) this.connect();
    if (this.isLost !== this.silence() > LOST_MS) this.draw();
    else this.page.showTime();
  }

  /** Lets the page draw; many events that come at once are drawn once. */
  draw() {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    this.isLost = this.silence() > LOST_MS;
    this.page.draw();
    this.page.showTime();
  }
}
