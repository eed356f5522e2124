// SPDX-License-Identifier: Apache-2.0
import { json } from './api.js';
import { h } from './dom.js';
import { count, name } from './format.js';
import { missingNote } from './panel.js';
import { apiPath } from './place.js';
import { dataTable, tableParameters } from './table.js';

const SIGNS = { ok: '✓', failed: '✗', incomplete: '…', running: '…' };
const MOST_FAILURES = 20;

export async function auditPanel(base, stop) {
  const parameters = tableParameters('audit');
  const answer = await json(apiPath(`${base}/audit`, parameters), stop);
  const verdict = Object.hasOwn(SIGNS, answer.verdict) ? answer.verdict : 'incomplete';
  const more = answer.failures.length - MOST_FAILURES;
  const number = (label, field) => ({ label, sort: field, number: true, cell: (row) => count(row[field]) });
  return [
    missingNote(answer.missing),
    h('p', { class: `audit audit-${verdict}` }, h('span', { 'aria-hidden': 'true' }, `${SIGNS[verdict]} `), name(answer.line)),
    answer.failures.length > 0 && h('ul', { class: 'failures' },
      answer.failures.slice(0, MOST_FAILURES).map((line) => h('li', null, name(line))),
      more > 0 && h('li', null, `and ${count(more)} more`)),
    h('details', { class: 'numbers' }, h('summary', null, 'By vCPU'),
      dataTable({
        caption: 'Instructions at each stage of the way, by vCPU',
        prefix: 'audit',
        standard: 'vcpu',
        answer,
        key: (row) => `${row.runId} ${row.vcpu}`,
        csv: { path: `${base}/audit`, parameters, file: 'audit.csv' },
        columns: [
          { label: 'vCPU', sort: 'vcpu', ascending: true, header: true, cell: (row) => String(row.vcpu) },
          number('Executed', 'executed'),
          number('Encoded', 'encoded'),
          number('Dropped', 'dropped'),
          number('Passed over', 'passed'),
          number('Published', 'published'),
          number('Aggregated', 'aggregated'),
          number('Duplicates', 'duplicates'),
          number('Gaps', 'gaps'),
          { label: 'Conserved', cell: (row) => (row.conserved ? 'yes' : 'no') },
        ],
      })),
  ];
}
