// SPDX-License-Identifier: Apache-2.0
// The window of a run that is looked at: vCPUs and times.
import { h } from './dom.js';
import { iso } from './format.js';
import { here, withParameters } from './place.js';

/** The window's parameters for the API. */
export function windowParameters() {
  const parameters = here();
  return { vcpu: parameters.getAll('vcpu'), from: parameters.get('from'), to: parameters.get('to') };
}

/** True if only some times are looked at. */
export function timesGiven() {
  return here().has('from') || here().has('to');
}

/** Links to windows of a run that are wanted often. */
export function windowLinks(run) {
  const end = (run.end ?? Date.now() * 1000) + 1e6;
  const last = (minutes) => withParameters({ from: iso(Math.max(run.start, end - minutes * 60e6)), to: run.end === null ? null : iso(end) });
  const links = [['Whole run', withParameters({ from: null, to: null })]];
  for (const [minutes, label] of [[5, 'Last 5 minutes'], [60, 'Last hour']]) {
    if (end - run.start > minutes * 60e6) {
      links.push([label, last(minutes)]);
    }
  }
  return [h('nav', { class: 'windows', 'aria-label': 'Windows' }, links.map(([label, href]) => h('a', { href }, label)))];
}
