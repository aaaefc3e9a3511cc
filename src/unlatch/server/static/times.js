// @ts-check
// Times in the words and the time zone of the reader.

// The reader's own kind of the page's language: an English page has its dates in British or American form.
const LANGUAGE = document.documentElement.lang;
const LOCALE = navigator.languages.find((each) => each.split("-")[0] === LANGUAGE) ?? LANGUAGE;

/** @type {[Intl.RelativeTimeFormatUnit, number][]} Units and how many seconds each has, largest first. */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** After a week a date says more than a number of days. */
const WEEK = 7 * 86_400;

/** @param {Date} date @returns {string} "22 Nov 2026" */
export function day(date) {
  return date.toLocaleDateString(LOCALE, { dateStyle: "medium" });
}

/** @param {Date} date @returns {string} With the time of day. */
export function full(date) {
  return date.toLocaleString(LOCALE, { dateStyle: "long", timeStyle: "short" });
}

/** @param {Date} date @returns {string} "2 hours ago" */
export function ago(date) {
  const seconds = Math.max(0, (Date.now() - date.getTime()) / 1000);
  if (seconds >= WEEK) {
    return day(date);
  }
  for (const [unit, size] of UNITS) {
    if (seconds >= size) {
      return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
    }
  }
  return "just now";
}
