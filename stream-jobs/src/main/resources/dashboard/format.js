// SPDX-License-Identifier: Apache-2.0
// Values as text.

const GROUPED = new Intl.NumberFormat('en');
const ONE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const LONGEST_NAME = 300;

/** 1234567 as 1,234,567; null as a dash. */
export function count(value) {
  return value === null || value === undefined ? '–' : GROUPED.format(value);
}

/** 1234567 as 1.23 M. */
export function short(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  for (const [limit, unit] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (value >= limit) {
      return `${THREE_DIGITS.format(value / limit)} ${unit}`;
    }
  }
  return THREE_DIGITS.format(value);
}

/** 1536 as 1.5 KiB. */
export function bytes(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  let left = Number(value);
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit++;
  }
  return `${ONE.format(left)} ${units[unit]}`;
}

/** 0.1234 as 12.3 %. */
export function percent(share) {
  if (share > 0 && share < 0.001) {
    return '< 0.1 %';
  }
  return share > 0.999 && share < 1 ? '> 99.9 %' : `${(share * 100).toFixed(1)} %`;
}

/** Microseconds since the epoch as 2026-11-22 17:30:00, UTC. */
export function time(micros) {
  return micros === null || micros === undefined ? '–' : iso(micros).replace('T', ' ').replace('Z', '');
}

/** Microseconds since the epoch as 17:30:00, UTC. */
export function clock(micros) {
  return iso(micros).slice(11, 19);
}

/** Microseconds since the epoch as 2026-11-22T17:30:00Z. */
export function iso(micros) {
  return new Date(micros / 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Microseconds as 1 h 2 min, 3 min 4 s or 5.6 s. */
export function duration(micros) {
  const seconds = micros / 1e6;
  if (seconds >= 3600) {
    return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  }
  if (seconds >= 60) {
    return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  }
  return `${ONE.format(Math.max(0, seconds))} s`;
}

/**
 * A guest's string for the eye: control characters and those that turn the direction of writing are spelled out, and
 * it is bounded.
 */
export function name(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  const text = String(value).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
}

/** A command's words as one line, quoted where a shell would need it. */
export function command(words) {
  return name(words.map((w) => (/^[\w@%+=:,./-]+$/.test(w) ? w : `'${w.replaceAll("'", "'\\''")}'`)).join(' '));
}
