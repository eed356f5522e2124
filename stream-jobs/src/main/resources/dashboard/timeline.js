// SPDX-License-Identifier: Apache-2.0
import { json } from './api.js';
import { timeChart } from './charts.js';
import { h } from './dom.js';
import { duration } from './format.js';
import { empty, missingNote } from './panel.js';
import { apiPath } from './place.js';
import { windowParameters } from './window.js';

const MOST_LINES = 8;
const MOST_STEPS = 2000;

/**
 * Rows of a timeline as lines per second without holes.
 *
 * @param values {label: function(row)} for one line each, or null for one line of instructions per vCPU
 */
export function lines(answer, values) {
  const stepMicros = answer.stepSeconds * 1e6;
  const first = answer.rows[0].start;
  const last = answer.rows.reduce((most, row) => Math.max(most, row.start), first);
  const steps = Math.min(MOST_STEPS, Math.round((last - first) / stepMicros) + 1);
  const from = last - (steps - 1) * stepMicros;
  const starts = Array.from({ length: steps }, (_, i) => from + i * stepMicros);
  const series = new Map();
  const add = (label, row, value) => {
    const step = Math.round((row.start - from) / stepMicros);
    if (step >= 0) {
      if (!series.has(label)) {
        series.set(label, new Array(steps).fill(0));
      }
      series.get(label)[step] += value / answer.stepSeconds;
    }
  };
  for (const row of answer.rows) {
    if (values === null) {
      add(row.vcpu, row, row.instructions);
    } else {
      for (const [label, value] of Object.entries(values)) {
        add(label, row, value(row));
      }
    }
  }
  return { starts, stepMicros, series: [...series].map(([label, line]) => ({ label, values: line })) };
}

/** Keeps the busiest lines apart and adds the others up. */
function bounded(series) {
  const sum = (line) => line.values.reduce((a, b) => a + b, 0);
  const byVcpu = (a, b) => a.label - b.label;
  const named = (line) => ({ label: `vCPU ${line.label}`, values: line.values });
  if (series.length <= MOST_LINES) {
    return series.sort(byVcpu).map(named);
  }
  const order = [...series].sort((a, b) => sum(b) - sum(a));
  const rest = order.splice(MOST_LINES - 1);
  const others = rest[0].values.map((_, i) => rest.reduce((total, line) => total + line.values[i], 0));
  return [...order.sort(byVcpu).map(named), { label: `${rest.length} other vCPUs`, values: others }];
}

export async function loadTimeline(base, stop) {
  const answer = await json(apiPath(`${base}/timeline`, windowParameters()), stop);
  if (answer.rows.length === 0) {
    return [missingNote(answer.missing), empty('Nothing was executed here yet.')];
  }
  const { starts, stepMicros, series } = lines(answer, null);
  return [
    missingNote(answer.missing),
    timeChart({ title: 'Instructions per second per vCPU', starts, stepMicros, series: bounded(series) }),
    h('p', { class: 'note' }, `One step is ${duration(stepMicros)}; times are UTC. A batch counts in the step in which it was opened.`),
  ];
}
