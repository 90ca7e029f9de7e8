// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the live page up to date, and honest: what the server does not say any more is unknown. */

import { bookingOf } from "./booking.js";
import { headAndStream } from "./head.js";
import { filled, find, part } from "./page.js";
import { keepFresh } from "./running.js";
import { airOf, avOf, peopleOf } from "./sensed.js";

/** @typedef {import("./stream.js").Space} Space */

const { head, stream } = headAndStream(find(document, "#building"), draw);

/** Every space in the drawing and in the list, and how many there are of each. */
function draw() {
  for (const element of document.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const space = stream.spaces.get(item.dataset.space ?? "");
    if (space) show(item, space);
    else if (stream.isLost && item.dataset.occupancy !== "notMeasured") head.mark(item, "unknown");
  }
  for (const element of document.querySelectorAll("[data-count]")) {
    const item = /** @type {HTMLElement} */ (element);
    const count = document.querySelectorAll(`.row[data-occupancy="${item.dataset.count}"]`).length;
    part(item, "count", String(count));
    item.hidden = item.dataset.count === "booked" && count === 0;
  }
}

/**
 * @param {HTMLElement} item a mark of the drawing, or a row of the list
 * @param {Space} space
 */
function show(item, space) {
  const group = stream.groupOf(space);
  head.mark(item, group);
  const people = peopleOf(space, stream);
  showSensed(item, space);
  if (item.classList.contains("row")) {
    part(item, "booking", group === "booked" ? bookingOf(space, head, stream) : "");
    part(item, "people", people);
    part(item, "detail", head.detailOf(space, stream));
    part(item, "age", space.asOf ? head.timeAt(Date.parse(space.asOf), stream) : "");
  } else {
    part(item, "people", people && ` · ${people}`);
    item.setAttribute("aria-label", labelOf(space, people));
  }
}

/**
 * Air and AV, where the page has a place for them.
 * @param {HTMLElement} item
 * @param {Space} space
 */
function showSensed(item, space) {
  const air = item.querySelector('[data-part="air"]');
  const av = item.querySelector('[data-part="av"]');
  if (air === null || av === null) return;
  item.toggleAttribute("data-av-empty", space.avOn === true && stream.occupancyOf(space) === "free");
  if (item.classList.contains("row")) {
    part(item, "air", airOf(space, head.words, stream));
    part(item, "av", avOf(space, head.words, stream));
    return;
  }
  const isUnknown = stream.occupancyOf(space) === "unknown";
  if (space.airClass) air.setAttribute("href", `#air_${space.airClass}`);
  air.toggleAttribute("hidden", isUnknown || !space.airClass);
  av.toggleAttribute("hidden", isUnknown || !space.avOn);
}

/**
 * @param {Space} space
 * @param {string} people as in "3/8"
 * @returns {string} all that is drawn of a space, for who hears it
 */
function labelOf(space, people) {
  const [number] = people.split("/");
  const parts = [
    filled(head.words.mark, { id: space.id, name: space.name, word: head.words[stream.groupOf(space)] }),
    number && filled(head.words.people_of, { people: number, capacity: String(space.capacity) }),
    airOf(space, head.words, stream),
    space.avOn ? avOf(space, head.words, stream) : "",
  ];
  return parts.filter((one) => one !== "").join(", ");
}

/** What is said to newcomers is closed once, and stays so on this device. */
function welcome() {
  const section = document.querySelector("#welcome");
  if (section === null) return;
  const close = find(section, "#welcome-close");
  const hide = () => section.toggleAttribute("hidden", true);
  if (localStorage.getItem("bezet-welcomed")) hide();
  close.hidden = false;
  close.addEventListener("click", () => {
    localStorage.setItem("bezet-welcomed", "1");
    hide();
  });
}

/** Where alarms and devices are shown they are asked for again when one of them changes, and when the link does. */
function run() {
  const ask = keepFresh();
  head.alarmed = ask;
  let wasUp = stream.link.up;
  const { draw: drawn } = stream.page;
  stream.page.draw = () => {
    if (stream.link.up !== wasUp) ask();
    wasUp = stream.link.up;
    drawn();
  };
}

welcome();
if (document.querySelector("#running") !== null) run();
stream.follow();
