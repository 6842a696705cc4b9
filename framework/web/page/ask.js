// A question by its name: inputs and targets on one side, the answer in words on the other.
import {verdict} from '/answer.js';
import {element, words} from '/elements.js';
import {fieldOf, groupOf, saidValue, takesObject} from '/form.js';
import {Refused, latest, once, post} from '/service.js';
import {button, commandOf, copy, download, downloadReply, linkOf} from '/share.js';

/** A flag of a question as a port. */
function portOf(flag) { return {...flag, optional: !flag.required && flag.default === null}; }

function partOf(part) {
  const rows = part.values ? part.values.map(value => element('tr', {}, element('td', {}, words(value.name)), element('td', {}, value.text), element('td', {class: 'faint'}, value.why ?? ''))) : null;
  const table = rows ? element('table', {class: 'said'}, element('tbody', {}, rows))
    : element('table', {}, element('thead', {}, element('tr', {}, part.header.map((head, i) => element('th', {scope: 'col', class: i ? 'number' : null}, words(head))))),
      element('tbody', {}, part.texts.map((cells, r) => element('tr', {class: r === part.answer_row ? 'chosen' : null}, cells.map((cell, i) => element('td', {class: i ? 'number' : null}, cell))))));
  return element('section', {class: 'card'}, element('h2', {}, part.title), element('div', {class: 'wide'}, table),
    part.notes ? element('ul', {class: 'notes'}, part.notes.map(note => element('li', {}, note))) : null);
}

export async function askView(main, state, remember, go) {
  const page = await once('/v1/questions/' + encodeURIComponent(state.name));
  const flags = Object.entries(page.inputs);
  const first = element('section', {class: 'card first', 'aria-label': 'Answer'});
  const parts = element('div', {class: 'answer'});
  const form = element('form', {class: 'card', onsubmit: event => event.preventDefault(), 'aria-label': 'The question'});
  const command = element('code', {class: 'command'});
  let told = null;

  const said = () => Object.fromEntries(Object.entries(state.a).map(([name, value]) => [name, page.inputs[name] ? saidValue(page.inputs[name], value) : value]));
  const body = () => ({question: state.name, inputs: said(), texts: true});
  const takeCard = element('section', {class: 'card', 'aria-label': 'Take it with you'});
  function showTake() {
    command.textContent = commandOf(state, said());
    takeCard.replaceChildren(element('h2', {}, 'Take it with you'), command, element('div', {class: 'actions'},
      told?.plan ? button('Explore the plan', () => go({kind: 'config', name: `${state.name}.json`, config: told.plan, a: {}}), {class: 'main'}) : null,
      button('Copy the command', () => copy(command.textContent, 'Command')),
      button('Markdown', () => downloadReply('/v1/ask', {question: state.name, inputs: said()}, 'text/markdown', `${state.name}.md`)),
      told?.plan ? button('Config', () => download(JSON.stringify(told.plan, null, 2) + '\n', `${state.name}.json`, 'application/json')) : null,
      told?.plan ? page.plans.filter(plan => plan !== 'config').map(plan => button(plan, () => downloadReply('/v1/ask', {question: state.name, inputs: said(), write: plan}, 'text/plain', `${state.name}_${plan}.txt`))) : null));
  }

  const ask = latest(question => post('/v1/ask', question), answer => {
    told = answer;
    first.replaceChildren(verdict(answer.status, answer.status === 'ok' ? 'an answer' : 'nothing meets the targets'), element('div', {class: 'sentences'}, answer.answer.map(sentence => element('p', {}, sentence))),
      answer.notes?.length ? element('ul', {class: 'notes'}, answer.notes.map(note => element('li', {}, note))) : '');
    parts.replaceChildren(first, ...answer.parts.filter(part => part.values?.length || part.texts?.length).map(partOf), takeCard);
    showTake();
  }, error => {
    if (!(error instanceof Refused)) console.error(error);
    told = null;
    first.replaceChildren(verdict('refused'), element('p', {class: 'error', role: 'alert'}, error.message));
    parts.replaceChildren(first, takeCard);
    showTake();
  });

  let soon = 0;
  function update(how) {
    if (how === 'drag') { ask(body()); return; }  // the newest alone is asked
    clearTimeout(soon);
    soon = setTimeout(() => { remember(state); ask(body()); }, how === 'typed' ? 300 : 30);
  }
  function change(name, value, how) {
    if (value === undefined || value === '' || value === null) delete state.a[name]; else state.a[name] = value;
    update(how);
  }
  function showForm() {
    const fields = list => list.map(([name, flag]) => fieldOf(name, portOf(flag), state.a[name], change));
    const inputs = flags.filter(([, flag]) => !flag.target), first = 9;
    form.replaceChildren(...[groupOf('', fields(inputs.slice(0, first))), groupOf('Targets', fields(flags.filter(([, flag]) => flag.target)), true),
      groupOf('More', fields(inputs.slice(first)))].filter(Boolean));
  }
  async function begin() {
    const {any: usual} = await once('/usual.json');
    for (const [name, flag] of flags) {
      if (!flag.required || state.a[name] !== undefined) continue;
      if (!takesObject(flag)) { state.a[name] = usual[name] ?? '1'; continue; }
      const {entries} = await once('/v1/zoo?kind=' + encodeURIComponent(flag.type));
      state.a[name] = entries.find(entry => entry.key === usual[flag.type])?.key ?? entries[0]?.key;
    }
    showForm();
    update();
  }

  main.replaceChildren(
    element('div', {class: 'top'}, element('div', {}, element('h1', {}, page.asks), element('div', {class: 'faint'}, words(state.name))),
      element('div', {class: 'actions'}, button('Copy link', () => { remember(state); copy(location.origin + '/' + linkOf(state), 'Link'); }), button('Start over', () => go({kind: 'ask', name: state.name, a: {}, fresh: Date.now()})))),
    element('div', {class: 'sides'}, form, parts));
  first.append(element('p', {class: 'faint'}, 'Working it out'));
  parts.append(first, takeCard);
  showTake();
  begin();
  return () => clearTimeout(soon);
}
