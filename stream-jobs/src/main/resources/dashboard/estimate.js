// SPDX-License-Identifier: Apache-2.0
// Estimates: counts of each vCPU scaled by its weight, for runs of which windows passed instructions over.
import { h } from './dom.js';
import { count } from './format.js';
import { here, withParameters } from './place.js';
import { timesGiven } from './window.js';

const wanted = () => here().get('scaled') === 'true';

/** The parameter for tables of the API. Weights are of whole runs, so a window of times is never scaled. */
export function scaleParameters() {
  return { scaled: wanted() && !timesGiven() ? 'true' : null };
}

/** True if these are estimates: never show them without saying so. */
export function isEstimate(answer) {
  return answer.scaled === true && answer.weights.some((w) => w.passed > 0);
}

/** What stands above estimates; null above what was recorded. */
export function estimateNote(answer) {
  return isEstimate(answer)
    ? h('p', { class: 'estimate' }, 'Estimate, not exact: scaled by what windows passed over.')
    : null;
}

/** A number of a tile. */
export function about(answer, text) {
  return isEstimate(answer) ? `≈ ${text}` : text;
}

/** The name of a file. */
export function fileName(answer, file) {
  return isEstimate(answer) ? file.replace('.csv', '-estimate.csv') : file;
}

/** The weights of a run, and what the tables show; nothing if nothing was passed over. */
export function estimateSwitch({ weights }) {
  const windowed = weights.filter((w) => w.passed > 0);
  if (windowed.length === 0) {
    return [];
  }
  const choice = (label, scaled) => h('a', {
    href: withParameters({ scaled: scaled ? 'true' : null }),
    'aria-current': scaled === wanted() ? 'true' : null,
  }, label);
  return [h('nav', { class: 'windows counts', 'aria-label': 'Counts' },
    h('span', null, 'Counts: '),
    choice('as recorded', false),
    choice('estimate (scaled by windows)', true)),
  h('p', { class: 'note weights' },
    'Windows passed instructions over, so the tables show a part of what was executed. An instruction recorded stands for: ',
    h('bdi', null, windowed.map((w) => `${weight(w)} on vCPU ${w.vcpu} (${count(w.encoded)} recorded, ${count(w.passed)} passed over)`).join('; ')), '.',
    wanted() && timesGiven() && h('strong', null, ' Estimates are of whole runs: what is shown of these times is what was recorded.'))];
}

function weight(w) {
  return w.weight === null ? 'nothing' : w.weight.toFixed(3);
}
