// Ports as controls: units, ranges, choices, entries of the zoo with search, sliders on numbers.
import {element, freshId, words} from '/elements.js';
import {get, once} from '/service.js';

const plain = new Set(['number', 'integer', 'boolean', 'choice', 'text', 'table']);
export function takesObject(port) { return !plain.has(port.type) && !port.type.startsWith('series'); }
export function takesNumber(port) { return port.type === 'number' || port.type === 'integer'; }

/** Three significant digits, or all of a count. */
function shortNumber(number) {
  if (Number.isInteger(number) && Math.abs(number) < 1e9) return String(number);
  return String(Number(number.toPrecision(4)));
}

/** The unit in which a port's numbers are typed, and how large it is in SI. */
export function unitOf(port) { return port.shown_in ?? {unit: '', scale: 1}; }

/** A number that a text says in the port's own unit, else null. */
function numberIn(port, text) {
  const {unit} = unitOf(port);
  let said = String(text ?? '').trim();
  if (unit && said.endsWith(unit)) said = said.slice(0, -unit.length).trim();
  const counts = {k: 1e3, M: 1e6, G: 1e9, T: 1e12};
  const found = /^([-+]?\d*\.?\d+(?:e[-+]?\d+)?)\s*([kMGT])?$/i.exec(said);
  if (!found) return null;
  return Number(found[1]) * (found[2] && !unit ? counts[found[2]] ?? 1 : 1);
}

/** What the service is told: numbers with their unit; several, as "1, 4, 16" or "1..8", are an axis. */
export function saidValue(port, value) {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (port.type.startsWith('series') && !/^[[{]/.test(text)) return text.split(',').map(part => part.trim());
  if (takesObject(port) && text.startsWith('zoo:')) return [{zoo: port.type, where: text.slice(4).trim()}];
  if (takesObject(port) && text.includes(',') && !text.startsWith('{')) return text.split(',').map(part => part.trim());
  if (!takesNumber(port)) return text;
  const one = part => {
    const number = numberIn(port, part);
    if (number === null) return part;
    return unitOf(port).unit ? `${number} ${unitOf(port).unit}` : number;
  };
  if (text.includes('..') && !text.startsWith('[') && !text.startsWith('{')) return [text];
  if (/^[^[{]*,/.test(text)) return text.split(',').map(part => one(part.trim()));
  return one(text);
}

/** The values that a slider goes over: from a tenth to ten times what is there, or all of a short range. */
function track(port, start) {
  const {scale} = unitOf(port), whole = port.type === 'integer';
  const least = port.range?.least ?? port.range?.above, most = port.range?.most;
  const low = least === undefined ? -Infinity : least / scale, high = most === undefined ? Infinity : most / scale;
  if (low > -Infinity && high < Infinity && (low <= 0 || high / low <= 100)) {
    const at = u => low + u * (high - low);
    return {low, high, at: u => whole ? Math.round(at(u)) : Number(at(u).toPrecision(3)), place: v => (v - low) / (high - low || 1)};
  }
  const base = start > 0 ? start : 1;
  let from = Math.max(base / 32, low > 0 ? low : 0, whole ? 1 : 0), to = Math.min(base * 32, high);
  if (whole && to < 32) to = Math.min(32, high);
  if (!(to > from)) to = from * 2;
  const at = u => from * (to / from) ** u;
  return {low: from, high: to, at: u => whole ? Math.round(at(u)) : Number(at(u).toPrecision(3)), place: v => v > 0 ? Math.log(v / from) / Math.log(to / from) : 0};
}

function docOf(port, id) {
  return port.doc ? element('p', {class: 'doc', id}, port.doc) : null;
}

function numberField(name, port, value, change) {
  const id = freshId(name), {unit, scale} = unitOf(port);
  const usual = typeof port.default === 'number' ? port.default / scale : null;
  const shown = value === undefined ? '' : String(typeof value === 'number' ? shortNumber(value) : value);
  const text = element('input', {
    id, type: 'text', inputmode: unit ? 'text' : 'decimal', value: shown, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': id + '_doc',
    placeholder: usual !== null ? shortNumber(usual) : port.required ? 'required' : 'not given'
  });
  const now = () => numberIn(port, text.value || (usual ?? ''));
  let over = track(port, now() ?? usual ?? 1);
  const slider = element('input', {type: 'range', min: 0, max: 1000, step: 1, 'aria-label': `slide ${words(name)}`});
  const place = () => {
    const number = now();
    slider.value = number === null ? 0 : Math.round(1000 * Math.min(1, Math.max(0, over.place(number))));
    slider.setAttribute('aria-valuetext', `${text.value || text.placeholder} ${unit}`);
  };
  place();
  slider.addEventListener('input', () => {
    text.value = shortNumber(over.at(slider.value / 1000));
    slider.setAttribute('aria-valuetext', `${text.value} ${unit}`);
    change(name, text.value, 'drag');
  });
  slider.addEventListener('change', () => change(name, text.value, 'done'));
  if (port.type === 'integer') {
    // A place of the slider is less than one where counts are small: an arrow goes to the next count.
    const steps = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1};
    slider.addEventListener('keydown', event => {
      const number = now() ?? over.low;
      if (!steps[event.key] || Math.abs(over.place(number + steps[event.key]) - over.place(number)) < 0.001) return;
      event.preventDefault();
      text.value = shortNumber(Math.min(over.high, Math.max(over.low, number + steps[event.key])));
      place();
      change(name, text.value, 'drag');
    });
    slider.addEventListener('keyup', event => { if (steps[event.key]) change(name, text.value, 'done'); });
  }
  text.addEventListener('input', () => {
    over = track(port, now() ?? usual ?? 1);
    place();
    change(name, text.value.trim() === '' ? undefined : text.value, 'typed');
  });
  text.addEventListener('change', () => change(name, text.value.trim() === '' ? undefined : text.value, 'done'));
  return element('div', {class: 'field', 'data-name': name},
    element('label', {for: id}, words(name), element('span', {class: 'unit'}, unit)),
    element('div', {class: 'pair'}, slider, text), docOf(port, id + '_doc'));
}

function choiceField(name, port, value, change) {
  const id = freshId(name);
  const options = port.choices.map(choice => element('option', {value: choice}, choice));
  if (port.optional || port.required) options.unshift(element('option', {value: ''}, port.required ? 'choose' : 'not given'));
  const select = element('select', {id, 'aria-describedby': id + '_doc', onchange: () => change(name, select.value || undefined, 'done')}, options);
  select.value = value ?? port.default ?? '';
  return element('div', {class: 'field', 'data-name': name}, element('label', {for: id}, words(name)), select, docOf(port, id + '_doc'));
}

function truthField(name, port, value, change) {
  const id = freshId(name);
  const box = element('input', {id, type: 'checkbox', checked: Boolean(value ?? port.default), 'aria-describedby': id + '_doc', onchange: () => change(name, box.checked, 'done')});
  return element('div', {class: 'field truth', 'data-name': name}, box,
    element('div', {}, element('label', {for: id}, words(name)), docOf(port, id + '_doc')));
}

function textField(name, port, value, change) {
  const id = freshId(name);
  const text = element('input', {
    id, type: 'text', value: value ?? '', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': id + '_doc',
    placeholder: port.default ?? (port.required ? 'required' : 'not given'), onchange: () => change(name, text.value.trim() || undefined, 'done')
  });
  return element('div', {class: 'field', 'data-name': name}, element('label', {for: id}, words(name)), text, docOf(port, id + '_doc'));
}

/** Entries that have every word of what is typed, those whose key begins so first. */
function found(entries, typed) {
  const parts = typed.toLowerCase().split(/[\s_-]+/).filter(Boolean);
  const scored = [];
  for (const entry of entries) {
    const key = entry.key.toLowerCase(), all = `${key} ${entry.label} ${entry.vendor ?? ''} ${entry.category ?? ''} ${entry.year ?? ''}`.toLowerCase();
    if (!parts.every(part => all.includes(part))) continue;
    scored.push([parts.length === 0 || key.startsWith(parts.join('')) ? 0 : key.includes(parts[0]) ? 1 : 2, entry]);
  }
  return scored.sort((a, b) => a[0] - b[0] || (b[1].year ?? 0) - (a[1].year ?? 0)).slice(0, 60).map(pair => pair[1]);
}

/** A field to type or to choose an entry of the zoo in, by mouse or by keyboard. What scrolls is no stop of its own on the way. */
function objectField(name, port, value, change, addField) {
  const id = freshId(name);
  const text = element('input', {
    id, type: 'text', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': id + '_list', 'aria-autocomplete': 'list', 'aria-describedby': id + '_doc',
    value: value ?? '', autocomplete: 'off', spellcheck: 'false', placeholder: port.required ? `search: ${words(port.type)}` : 'not given'
  });
  const list = element('ul', {id: id + '_list', class: 'list', role: 'listbox', hidden: true, tabindex: '-1', 'aria-label': words(name)});
  let shown = [], at = -1;
  const close = () => { list.hidden = true; text.setAttribute('aria-expanded', 'false'); text.removeAttribute('aria-activedescendant'); };
  const take = key => { text.value = key; close(); change(name, key || undefined, 'done'); };
  const mark = to => {
    at = to;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    if (at < 0) return;
    text.setAttribute('aria-activedescendant', list.children[at].id);
    list.children[at].scrollIntoView({block: 'nearest'});
  };
  const open = async typed => {
    const {entries} = await once('/v1/zoo?kind=' + encodeURIComponent(port.type));
    if (document.activeElement !== text) return;
    shown = found(entries, typed);
    list.replaceChildren(...shown.map((entry, i) => element('li', {
      id: `${id}_${i}`, role: 'option', 'aria-selected': 'false',
      onmousedown: event => { event.preventDefault(); take(entry.key); }
    }, entry.key, element('span', {}, [entry.label === entry.key ? '' : entry.label, entry.category, entry.year].filter(Boolean).join(', ')))));
    list.hidden = shown.length === 0;
    text.setAttribute('aria-expanded', String(!list.hidden));
    at = -1;
  };
  text.addEventListener('focus', () => { text.select(); open(''); });
  text.addEventListener('click', () => { if (list.hidden) open(''); });
  text.addEventListener('input', () => open(text.value));
  text.addEventListener('blur', () => { close(); if (text.value !== (value ?? '')) { value = text.value; change(name, text.value || undefined, 'done'); } });
  text.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) { open(text.value); return; }
      mark((at + (event.key === 'ArrowDown' ? 1 : shown.length - 1) + (at < 0 && event.key === 'ArrowUp' ? 1 : 0)) % shown.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      value = at >= 0 ? shown[at].key : text.value;
      take(value);
    } else if (event.key === 'Escape') {
      close();
    }
  });
  const whole = element('div', {class: 'field', 'data-name': name}, element('label', {for: id}, words(name)), text, list, docOf(port, id + '_doc'));
  if (addField) whole.append(fieldPicker(name, () => text.value, addField));
  return whole;
}

/** 3.35e12 B/s as 3.35 TB/s: a unit in which a field of an entry is typed. */
function prefixed(number, unit) {
  const prefixes = [['P', 1e15], ['T', 1e12], ['G', 1e9], ['M', 1e6], ['k', 1e3], ['', 1], ['m', 1e-3], ['u', 1e-6], ['n', 1e-9]];
  if (!/^(B|FLOP|W|J|USD|s)/.test(unit) || !number) return {unit, scale: 1};
  const [prefix, scale] = prefixes.find(([p, s]) => Math.abs(number) >= s && (s <= 1 || unit !== 's')) ?? ['', 1];
  return {unit: prefix + unit, scale};
}

/** Lets a field of the device or model at hand be another: what if its memory were twice as fast? */
function fieldPicker(name, key, addField) {
  const place = element('div', {});
  const button = element('button', {type: 'button', class: 'more', onclick: async () => {
    if (!key()) return;
    let entry;
    try { entry = await get('/v1/zoo/' + encodeURIComponent(key())); } catch { return; }
    const numbers = Object.entries(entry.fields).filter(([, field]) => typeof (field.value ?? field) === 'number' || typeof field === 'number');
    const take = () => {
      if (!select.value) return;
      const field = entry.fields[select.value];
      const value = typeof field === 'number' ? field : field.value, unit = field.unit ?? '';
      addField(`${name}.${select.value}`, {type: 'number', unit, shown_in: prefixed(value, unit), default: value, doc: `${value === 0 ? 0 : shortNumber(value / prefixed(value, unit).scale)} ${prefixed(value, unit).unit} of ${key()}`});
    };
    // By keys every option that one passes is a change: there Enter takes the one that is meant.
    let keys = false;
    const select = element('select', {
      'aria-label': `a field of ${key()}; Enter takes it`, onchange: () => { if (!keys) take(); },
      onkeydown: event => { if (event.key === 'Enter') { event.preventDefault(); take(); } else if (event.key !== 'Tab') keys = true; },
      onpointerdown: () => { keys = false; }
    }, element('option', {value: ''}, 'which field?'), numbers.map(([field]) => element('option', {value: field}, words(field))));
    place.replaceChildren(select);
    select.focus();
  }}, 'What if it were different?');
  place.append(button);
  return place;
}

/** The control of one port. */
export function fieldOf(name, port, value, change, addField = null) {
  if (port.type === 'boolean') return truthField(name, port, value, change);
  if (port.type === 'choice' || port.choices?.length) return choiceField(name, port, value, change);
  if (takesNumber(port)) return numberField(name, port, value, change);
  if (takesObject(port)) return objectField(name, port, value, change, addField);
  return textField(name, port, value, change);
}

/** A group that opens, or fields alone where it has no title. */
export function groupOf(title, fields, open = false) {
  if (fields.length === 0) return null;
  return title ? element('details', {open}, element('summary', {}, `${title} (${fields.length})`), fields) : element('fieldset', {}, fields);
}
