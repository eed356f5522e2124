// SPDX-License-Identifier: Apache-2.0
// The page of all nodes and runs.
import { json } from './api.js';
import { blockColumns, place } from './blocks.js';
import { h, replaceContent } from './dom.js';
import { filterForm, showForm } from './filters.js';
import { count, duration, name, short, time } from './format.js';
import { functionTable } from './functions.js';
import { Panel, empty, missingNote, tiles } from './panel.js';
import { apiPath, here, runPath, withParameters } from './place.js';
import { dataTable, tableParameters } from './table.js';

const FIELDS = [
  { name: 'node', label: 'Node' },
  { name: 'name', label: 'Name' },
  { name: 'target', label: 'Target', hint: 'x86_64' },
  { name: 'label', label: 'Labels', hint: 'team=a, tier=1', repeated: true },
  { name: 'state', label: 'State', options: [['', 'any'], ['running', 'running'], ['ended', 'ended']] },
];
/** Adding up many runs is work for the jobs: the fleet's hot code is asked for less often. */
const HOT_REFRESH_MILLIS = 10000;
const RESETS = ['runs.offset', 'nodes.offset', 'functions.offset', 'hot.offset'];

function filters() {
  const parameters = here();
  return {
    node: parameters.get('node'),
    name: parameters.get('name'),
    target: parameters.get('target'),
    label: parameters.getAll('label'),
    state: parameters.get('state'),
    root: parameters.get('root'),
  };
}

/** Makes the page: {title, element, events, refresh, progress}. */
export function fleetPage(signal) {
  const overview = h('div', { class: 'overview' }, h('p', { class: 'loading' }, 'Loading'));
  const form = h('div', { class: 'filter-place' });
  const nodes = new Panel('nodes', 'Nodes', loadNodes, signal);
  const runs = new Panel('runs', 'Runs', loadRuns, signal);
  const functions = new Panel('functions', 'Hot functions of the fleet', loadFunctions, signal);
  const hot = new Panel('hot', 'Hot blocks of the fleet', loadHot, signal);
  let fleetSeen = false;
  let hotAsked = 0;
  let hotTimer = 0;

  function showFleet(fleet) {
    fleetSeen = true;
    replaceContent(overview, [tiles([
      ['Nodes', count(fleet.nodes)],
      ['Runs', count(fleet.runs)],
      ['Running', count(fleet.running)],
      ['Instructions', short(fleet.instructions)],
      ['Instructions per second', short(fleet.rate)],
      ['Lag, batches', count(fleet.lag)],
      ['Dropped instructions', count(fleet.dropped), fleet.dropped > 0 ? 'bad' : null],
      ['Missing batches', count(fleet.gaps), fleet.gaps > 0 ? 'bad' : null],
    ])]);
  }

  function refreshHot(now) {
    clearTimeout(hotTimer);
    const wait = hotAsked + HOT_REFRESH_MILLIS - Date.now();
    if (now || wait <= 0) {
      hotAsked = Date.now();
      functions.refresh();
      hot.refresh();
    } else {
      hotTimer = setTimeout(() => !signal.aborted && refreshHot(true), wait);
    }
  }

  async function loadNodes(stop) {
    const parameters = { ...tableParameters('nodes'), node: filters().node, label: filters().label };
    const answer = await json(apiPath('/api/v1/nodes', parameters), stop);
    if (!fleetSeen || (parameters.node === null && parameters.label.length === 0)) {
      showFleet(answer.fleet);
    }
    return [missingNote(answer.missing), answer.total === 0 ? empty('No node has traced anything yet.') : nodesTable(answer, parameters)];
  }

  return {
    title: 'Fleet',
    element: h('div', null,
      h('h1', { tabindex: '-1' }, 'Fleet'), overview, form, nodes.element, runs.element, functions.element, hot.element),
    events: '/api/v1/events',
    refresh(changed) {
      if (changed) {
        showForm(form, [filterForm('Filter of nodes, runs and code', FIELDS, RESETS)], true);
      }
      nodes.refresh();
      runs.refresh();
      refreshHot(changed);
    },
    progress(data) {
      showFleet(data.fleet);
      return `${count(data.fleet.running)} running, ${short(data.fleet.rate)} instructions per second, ${count(data.fleet.dropped)} dropped`;
    },
  };
}

function nodesTable(answer, parameters) {
  return dataTable({
    caption: 'Nodes with their runs, rate, lag and loss',
    prefix: 'nodes',
    standard: 'node',
    answer,
    key: (row) => row.node,
    csv: { path: '/api/v1/nodes', parameters, file: 'nodes.csv' },
    columns: [
      { label: 'Node', sort: 'node', ascending: true, header: true,
        cell: (row) => h('a', { href: withParameters({ node: row.node, 'runs.offset': null }) }, h('bdi', null, name(row.node))) },
      { label: 'Runs', sort: 'runs', number: true, cell: (row) => count(row.runs) },
      { label: 'Running', sort: 'running', number: true, cell: (row) => count(row.running) },
      { label: 'Instructions', sort: 'instructions', number: true, cell: (row) => count(row.instructions) },
      { label: 'Per second', sort: 'rate', number: true, cell: (row) => count(row.rate) },
      { label: 'Lag, batches', sort: 'lag', number: true, cell: (row) => count(row.lag) },
      { label: 'Dropped', sort: 'dropped', number: true, cell: (row) => loss(row.dropped) },
      { label: 'Missing batches', sort: 'gaps', number: true, cell: (row) => loss(row.gaps) },
      { label: 'Last change (UTC)', sort: 'lastSeen', number: true, cell: (row) => time(row.lastSeen) },
    ],
  });
}

async function loadRuns(stop) {
  const parameters = { ...tableParameters('runs'), ...filters() };
  const answer = await json(apiPath('/api/v1/runs', parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty(Object.values(filters()).some((v) => v !== null && v.length > 0)
      ? 'No run matches the filter.'
      : 'Nothing has been traced yet. Trace a guest, and it shows here while it runs.')];
  }
  return [missingNote(answer.missing), dataTable({
    caption: 'Runs, the newest first unless sorted otherwise',
    prefix: 'runs',
    standard: '-start',
    answer,
    key: (row) => row.runId,
    csv: { path: '/api/v1/runs', parameters, file: 'runs.csv' },
    columns: [
      { label: 'Run', sort: 'name', ascending: true, header: true, cell: runCell },
      { label: 'State', cell: (row) => stateText(row) },
      { label: 'Node', sort: 'node', ascending: true, cell: (row) => h('bdi', null, name(row.node)) },
      { label: 'Target', sort: 'target', ascending: true, cell: (row) => name(row.target) },
      { label: 'Start (UTC)', sort: 'start', number: true, cell: (row) => time(row.start) },
      { label: 'Ran for', number: true, cell: (row) => (row.end === null ? '–' : duration(row.end - row.start)) },
      { label: 'vCPUs', number: true, cell: (row) => count(row.vcpus) },
      { label: 'Instructions', sort: 'instructions', number: true, cell: (row) => count(row.instructions) },
      { label: 'Per second', sort: 'rate', number: true, cell: (row) => count(row.rate) },
      { label: 'Lag, batches', sort: 'lag', number: true, cell: (row) => count(row.lag) },
      { label: 'Dropped', sort: 'dropped', number: true, cell: (row) => loss(row.dropped) },
      { label: 'Missing batches', sort: 'gaps', number: true, cell: (row) => loss(row.gaps) },
    ],
  })];
}

function runCell(row) {
  const labels = Object.entries(row.labels);
  return [
    h('a', { href: runPath(row.runId) }, h('bdi', null, name(row.name ?? row.runId))),
    row.parentRunId !== null && h('span', { class: 'note' }, ' forked child'),
    labels.length > 0 && h('bdi', { class: 'note block' }, name(labels.map(([k, v]) => `${k}=${v}`).join(', '))),
  ];
}

/** A run's state in words. */
export function stateText(row) {
  if (row.end === null) {
    return h('span', { class: 'running' }, 'running');
  }
  return row.exitCode !== null ? `exit ${row.exitCode}` : name(row.endReason ?? 'ended');
}

function loss(value) {
  return value > 0 ? h('strong', { class: 'bad' }, count(value)) : count(value);
}

/** What both tables of hot code have: numbers of runs and nodes. */
const SPREAD = [
  { label: 'Runs', sort: 'runs', number: true, cell: (row) => count(row.runs) },
  { label: 'Nodes', sort: 'nodes', number: true, cell: (row) => count(row.nodes) },
];

function usedNote(answer) {
  return answer.runsUsed < answer.runsMatched && h('p', { class: 'warning' },
    `Of ${count(answer.runsMatched)} runs the newest ${count(answer.runsUsed)} are added up.`);
}

async function loadFunctions(stop) {
  const parameters = { ...tableParameters('functions'), ...filters() };
  const answer = await json(apiPath('/api/v1/hot-functions', parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty('No code has been counted yet.')];
  }
  return [
    missingNote(answer.missing),
    usedNote(answer),
    functionTable({
      caption: `Functions that ran most in ${count(answer.runsUsed)} runs`,
      prefix: 'functions',
      answer,
      csv: { path: '/api/v1/hot-functions', parameters, file: 'fleet-hot-functions.csv' },
      further: SPREAD,
    })];
}

async function loadHot(stop) {
  const parameters = { ...tableParameters('hot'), ...filters() };
  const answer = await json(apiPath('/api/v1/hot-blocks', parameters), stop);
  if (answer.total === 0) {
    return [missingNote(answer.missing), empty('No code has been counted yet.')];
  }
  const columns = blockColumns(answer.totalWeight);
  return [
    missingNote(answer.missing),
    usedNote(answer),
    dataTable({
      caption: `Code that ran most in ${count(answer.runsUsed)} runs: the same code is one row`,
      prefix: 'hot',
      standard: '-weight',
      answer,
      key: (row) => [row.target, row.buildId ?? row.image, row.imageOffset, row.vaddr, row.codeHash, row.instructions].join(' '),
      csv: { path: '/api/v1/hot-blocks', parameters, file: 'fleet-hot-blocks.csv' },
      columns: [
        columns.share,
        columns.weight,
        ...SPREAD,
        { label: 'Address', header: true, class: 'address', cell: (row) => h('a', { href: runPath(row.runId) }, row.vaddr ?? row.imageOffset ?? 'several') },
        { label: 'Where', class: 'where', cell: place },
        columns.code,
      ],
    })];
}
