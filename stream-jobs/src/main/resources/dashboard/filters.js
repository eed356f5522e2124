// SPDX-License-Identifier: Apache-2.0
import { h, replaceContent } from './dom.js';
import { here } from './place.js';

/**
 * A form whose fields are parameters of the URL.
 *
 * @param fields [{name, label, hint, options, repeated}]: `options` [[value, text]] makes a choice; a repeated field
 *     takes several values with commas between them
 * @param resets parameters that a new filter makes meaningless, such as the page of a table
 */
export function filterForm(label, fields, resets) {
  const parameters = here();
  return h('form', { class: 'filters', 'data-filters': true, 'data-resets': resets.join(' '), 'aria-label': label },
    fields.map((field) => {
      const value = field.repeated ? parameters.getAll(field.name).join(', ') : parameters.get(field.name) ?? '';
      const attributes = { name: field.name, 'data-repeated': field.repeated };
      return h('label', null, `${field.label} `, field.options
        ? h('select', attributes, field.options.map(([v, text]) => h('option', { value: v, selected: v === value }, text)))
        : h('input', { ...attributes, type: 'text', value, placeholder: field.hint, spellcheck: 'false', autocomplete: 'off' }));
    }),
    h('button', { type: 'submit' }, 'Show'),
    fields.some((f) => parameters.has(f.name)) && h('button', { type: 'button', 'data-clear': true }, 'Clear'));
}

/** Shows a form, and what it is followed by; `changed` if the URL has changed and not only the data: then what was typed goes. */
export function showForm(place, nodes, changed) {
  replaceContent(place, nodes);
  if (changed) {
    for (const field of place.querySelectorAll('input, select')) {
      field.value = here().getAll(field.name).join(', ');
    }
  }
}

/** What a form of this kind says: parameters to change. */
export function filterChanges(form, clear) {
  const changes = {};
  for (const field of form.elements) {
    if (field.name) {
      const text = clear ? '' : field.value.trim();
      changes[field.name] = field.dataset.repeated === undefined
        ? text
        : text.split(',').map((v) => v.trim()).filter((v) => v !== '');
    }
  }
  for (const reset of form.dataset.resets.split(' ')) {
    changes[reset] = null;
  }
  return changes;
}
