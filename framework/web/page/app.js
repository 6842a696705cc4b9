// The page: which question is asked, and the link that holds it.
import {askView} from '/ask.js';
import {element, say} from '/elements.js';
import {solveView} from '/solve.js';
import {Refused, get, once} from '/service.js';
import {linkOf, stateOf} from '/share.js';

const main = document.getElementById('main');
const find = document.getElementById('find');
let leave = () => {};
let shown = '';
let arrived = false;  // at a first view: from then on a new one takes the focus

/** The link follows the question; going back leaves it. */
function remember(state) {
  shown = linkOf(state);
  history.replaceState(null, '', shown);
}

export function go(state) { location.hash = linkOf(state); }

function card(name, text, state, small) {
  return element('li', {'data-find': `${name} ${text}`.toLowerCase()}, element('a', {href: linkOf(state)}, element('b', {}, small ? name : name.replaceAll('_', ' ')), text));
}

/** What most people come for stands first. */
function place(name) {
  const at = ['serve', 'train', 'fit', 'capacity', 'buy_or_rent', 'where', 'decode', 'chip'].indexOf(name);
  return at < 0 ? 99 : at;
}

async function homeView() {
  const [{questions}, {solvers}] = await Promise.all([once('/v1/questions'), once('/v1/solvers')]);
  const plugins = new Map();
  for (const solver of solvers) plugins.set(solver.plugin, [...(plugins.get(solver.plugin) ?? []), solver]);
  const parts = [
    element('div', {class: 'hero'}, element('h1', {}, 'What will it take, before anyone builds it?'),
      element('p', {}, 'Speed, cost, carbon and reliability of machine-learning systems, from closed-form equations with their sources.')),
    element('ul', {class: 'choices'}, questions.toSorted((x, y) => place(x.name) - place(y.name)).map(question => card(question.name, question.asks, {kind: 'ask', name: question.name, a: {}}, false))),
    element('h2', {}, 'Or one equation at a time'),
    [...plugins].flatMap(([plugin, of]) => [element('div', {class: 'group'}, plugin.replaceAll('_', ' ')),
      element('ul', {class: 'choices small'}, of.map(solver => card(solver.name, solver.doc, {kind: 'solver', name: solver.name, a: {}}, true)))])
  ];
  main.replaceChildren(...parts.flat());
  filter();
}

function filter() {
  const parts = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of main.querySelectorAll('[data-find]')) item.hidden = !parts.every(part => item.dataset.find.includes(part));
  for (const group of main.querySelectorAll('.group')) group.hidden = ![...group.nextElementSibling.children].some(item => !item.hidden);
}

find.addEventListener('input', () => {
  if (location.hash.length > 1) { location.hash = ''; return; }
  filter();
});
find.addEventListener('keydown', event => {
  const first = [...main.querySelectorAll('[data-find]')].find(item => !item.hidden);
  if (event.key === 'Enter' && first) first.querySelector('a').click();
});

async function route() {
  if (location.hash === shown && shown) return;
  shown = location.hash;
  leave();
  leave = () => {};
  const state = stateOf(location.hash);
  try {
    if (state === null) {
      document.title = 'Ironlaw';
      await homeView();
      return;
    }
    document.title = `${state.name.replaceAll('_', ' ')} - Ironlaw`;
    find.value = '';
    const view = state.kind === 'ask' ? askView : solveView;
    leave = await view(main, state, remember, go);
    if (arrived) main.focus({preventScroll: true});
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error);
    main.replaceChildren(element('p', {class: 'error'}, error.message), element('p', {}, element('a', {href: '#'}, 'Begin anew')));
  } finally {
    arrived = true;
  }
}

function openConfig(text, name) {
  let config;
  try { config = JSON.parse(text); } catch (error) { say(`${name}: ${error.message}`); return; }
  go({kind: 'config', name, config, a: {}});
}
const file = document.getElementById('file');
document.getElementById('open').addEventListener('click', () => file.click());
file.addEventListener('change', async () => { if (file.files[0]) openConfig(await file.files[0].text(), file.files[0].name); file.value = ''; });
document.addEventListener('dragover', event => event.preventDefault());
document.addEventListener('drop', async event => {
  event.preventDefault();
  const dropped = event.dataTransfer.files[0];
  if (dropped) openConfig(await dropped.text(), dropped.name);
});

window.addEventListener('hashchange', route);
// The config that the program was started with opens first.
const given = location.hash.length > 1 ? null : await get('/v1/shown').catch(() => null);
if (given) go({kind: 'config', name: given.name, config: given.config, a: {}});
else route();
