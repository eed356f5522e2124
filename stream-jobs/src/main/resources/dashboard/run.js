// SPDX-License-Identifier: Apache-2.0
// The page of one run.
import { ApiError, json } from './api.js';
import { auditPanel } from './audit.js';
import { blockColumns, place } from './blocks.js';
import { h, replaceContent } from './dom.js';
import { estimateNote, estimateSwitch, scaleParameters } from './estimate.js';
import { filterForm, showForm } from './filters.js';
import { stateText } from './fleet.js';
import { command, count, duration, name, short, time } from './format.js';
import { functionTable } from './functions.js';
import { loadMemory, loadPages } from './memory.js';
import { Panel, empty, missingNote, tiles } from './panel.js';
import { apiPath, runPath } from './place.js';
import { dataTable, tableParameters } from './table.js';
import { loadTimeline } from './timeline.js';
import { windowLinks, windowParameters } from './window.js';

const FIELDS = [
  { name: 'vcpu', label: 'vCPUs', hint: 'all, or 0, 2', repeated: true },
  { name: 'from', label: 'From (UTC)', hint: '2026-01-31T12:00:00Z' },
  { name: 'to', label: 'To (UTC)', hint: '2026-01-31T12:30:00Z' },
];
const RESETS = ['functions.offset', 'blocks.offset', 'vcpus.offset', 'devices.offset', 'pages.offset', 'calls.offset'];

/** Makes the page: {title, element, events, refresh, progress}. `id` may be "latest". */
export function runPage(id, signal) {
  const base = `/api/v1/runs/${encodeURIComponent(id)}`;
  const title = h('h1', { tabindex: '-1' }, 'Run');
  const overview = h('div', { class: 'overview' }, h('p', { class: 'loading' }, 'Loading'));
  const about = h('div', { class: 'about' });
  const form = h('div', { class: 'filter-place' });
  const panel = (part, heading, load) => new Panel(part, heading, (stop) => load(base, stop), signal);
  const panels = [
    panel('audit', 'Audit', auditPanel),
    panel('timeline', 'Instructions over time', loadTimeline),
    panel('functions', 'Hot functions', loadFunctions),
    panel('blocks', 'Hot blocks', loadBlocks),
    panel('memory', 'I/O and RAM', loadMemory),
    panel('pages', 'RAM pages', loadPages),
    panel('calls', 'System calls', loadCalls),
    panel('vcpus', 'vCPUs', loadVcpus),
  ];
  const page = {
    title: 'Run',
    element: h('div', null, title, overview, about, form, panels.map((p) => p.element)),
    events: `${base}/events`,
    refresh,
    progress,
  };

  async function refresh(changed) {
    if (changed) {
      showForm(form, [filterForm('Window of this run', FIELDS, RESETS)], true);
    }
    panels.forEach((p) => p.refresh());
    try {
      const answer = await json(base, signal);
      page.element.classList.remove('alone');
      page.title = `Run ${name(answer.run.name ?? answer.run.runId)}`;
      document.title = `${page.title} – Tracefleet`;
      replaceContent(title, [document.createTextNode('Run '), h('bdi', null, name(answer.run.name ?? answer.run.runId))]);
      showProgress(answer.run, answer.progress);
      replaceContent(about, [missingNote(answer.missing), ...facts(answer)].filter(Boolean));
      showForm(form, [filterForm('Window of this run', FIELDS, RESETS), ...windowLinks(answer.run), ...estimateSwitch(answer)], false);
    } catch (e) {
      if (!signal.aborted) {
        replaceContent(overview, [h('p', { class: 'error' }, name(e.message))]);
        // All the others would say the same.
        page.element.classList.toggle('alone', e.status >= 400 && e.status < 500);
        if (!(e instanceof ApiError)) {
          console.error(e);
        } else if (e.retryMillis !== null) {
          setTimeout(() => !signal.aborted && refresh(false), e.retryMillis);
        }
      }
    }
  }

  function showProgress(run, progress) {
    replaceContent(overview, [tiles([
      ['State', stateText(run)],
      [run.end === null ? 'Running for' : 'Ran for', duration((run.end ?? Date.now() * 1000) - run.start)],
      ['Instructions', short(progress.instructions)],
      ['Instructions per second', short(progress.rate)],
      ['vCPUs', count(progress.vcpus)],
      ['Lag, batches', count(progress.lag)],
      ['Dropped instructions', count(progress.dropped), progress.dropped > 0 ? 'bad' : null],
      ['Missing batches', count(progress.gaps), progress.gaps > 0 ? 'bad' : null],
    ])]);
  }

  function progress(data) {
    const row = data.runs[0];
    if (!row) {
      return null;
    }
    showProgress(row, row);
    return `${count(row.instructions)} instructions, ${short(row.rate)} per second${row.end === null ? '' : ', ended'}`;
  }
  return page;
}

function facts({ run, children, transport }) {
  const linked = (id) => h('a', { href: runPath(id) }, id);
  const rows = [
    ['Command', h('code', null, h('bdi', null, command(run.command)))],
    ['Node', h('bdi', null, name(run.node))],
    ['Target', `${name(run.target)}, ${run.systemEmulation ? 'system' : 'user mode'}, QEMU ${name(run.qemuVersion)}`],
    ['Mode', `${name(run.mode)}, when the ring is full: ${name(run.whenFull)}`],
    ['Start (UTC)', time(run.start)],
    ['End (UTC)', time(run.end)],
    ['Labels', h('bdi', null, name(Object.entries(run.labels).map(([k, v]) => `${k}=${v}`).join(', ') || '–'))],
    ['Image', h('bdi', null, name(run.image))],
    ['Sent', transport && `${count(transport.batches)} batches, ${count(transport.payloadBytes)} bytes, ${count(transport.wireBytes)} on the wire`],
    ['Run', h('code', null, run.runId)],
    run.parentRunId !== null && ['Forked from', linked(run.parentRunId)],
    children.length > 0 && ['Forked children', h('ul', null, children.slice(0, 20).map((id) => h('li', null, linked(id))),
      children.length > 20 && h('li', null, `and ${count(children.length - 20)} more`))],
  ];
  return [h('details', { class: 'facts' }, h('summary', null, 'About this run'),
    h('dl', null, rows.filter((r) => r && r[1]).map(([label, content]) => h('div', null, h('dt', null, label), h('dd', null, content)))))];
}

const NO_CODE = 'No block has been counted here. In count mode blocks are not traced.';

async function loadFunctions(base, stop) {
  const parameters = { ...tableParameters('functions'), ...windowParameters(), ...scaleParameters() };
  const answer = await json(apiPath(`${base}/hot-functions`, parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty(NO_CODE)];
  }
  return [missingNote(answer.missing), estimateNote(answer), functionTable({
    caption: 'Functions by the instructions executed in them',
    prefix: 'functions',
    answer,
    csv: { path: `${base}/hot-functions`, parameters, file: 'hot-functions.csv' },
  })];
}

async function loadBlocks(base, stop) {
  const parameters = { ...tableParameters('blocks'), ...windowParameters(), ...scaleParameters() };
  const answer = await json(apiPath(`${base}/hot-blocks`, parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty(NO_CODE)];
  }
  const columns = blockColumns(answer.totalWeight);
  return [missingNote(answer.missing), estimateNote(answer), dataTable({
    caption: 'Blocks by the instructions executed in them',
    prefix: 'blocks',
    standard: '-weight',
    answer,
    key: (row) => `${row.vaddr} ${row.codeHash} ${row.instructions}`,
    csv: { path: `${base}/hot-blocks`, parameters, file: 'hot-blocks.csv' },
    columns: [
      columns.share,
      columns.weight,
      columns.executions,
      columns.instructions,
      { label: 'Address', sort: 'vaddr', ascending: true, header: true, class: 'address', cell: (row) => row.vaddr },
      { label: 'Where', class: 'where', cell: place },
      columns.code,
    ],
  })];
}

async function loadCalls(base, stop) {
  const parameters = { ...tableParameters('calls'), ...windowParameters() };
  const answer = await json(apiPath(`${base}/syscalls`, parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty('No system call has been counted here. Whole systems make none that QEMU sees.')];
  }
  return [missingNote(answer.missing), dataTable({
    caption: 'System calls by number of calls',
    prefix: 'calls',
    standard: '-calls',
    answer,
    key: (row) => String(row.number),
    csv: { path: `${base}/syscalls`, parameters, file: 'syscalls.csv' },
    columns: [
      { label: 'Name', sort: 'name', ascending: true, header: true, cell: (row) => h('bdi', null, name(row.name)) },
      { label: 'Number', sort: 'number', ascending: true, number: true, cell: (row) => String(row.number) },
      { label: 'Calls', sort: 'calls', number: true, cell: (row) => count(row.calls) },
      { label: 'Returns', sort: 'returns', number: true, cell: (row) => count(row.returns) },
      { label: 'Errors', sort: 'errors', number: true, cell: (row) => count(row.errors) },
    ],
  })];
}

async function loadVcpus(base, stop) {
  const parameters = { ...tableParameters('vcpus'), ...windowParameters(), ...scaleParameters() };
  const answer = await json(apiPath(`${base}/vcpus`, parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty('No vCPU has executed anything here.')];
  }
  const number = (label, field) => ({ label, sort: field, number: true, scales: !['idles', 'resumes'].includes(field), cell: (row) => count(row[field]) });
  return [missingNote(answer.missing), estimateNote(answer), dataTable({
    caption: 'What each vCPU executed; in user mode an index is used again by later threads',
    prefix: 'vcpus',
    standard: 'vcpu',
    answer,
    key: (row) => `${row.vcpu} ${row.generation}`,
    csv: { path: `${base}/vcpus`, parameters, file: 'vcpus.csv' },
    columns: [
      { label: 'vCPU', sort: 'vcpu', ascending: true, header: true,
        cell: (row) => (row.generation > 0 ? `${row.vcpu}, generation ${row.generation}` : String(row.vcpu)) },
      number('Instructions', 'instructions'),
      number('Blocks', 'blocks'),
      number('Loads', 'loads'),
      number('Stores', 'stores'),
      number('Bytes loaded', 'loadBytes'),
      number('Bytes stored', 'storeBytes'),
      number('Idles', 'idles'),
      number('Resumes', 'resumes'),
    ],
  })];
}
