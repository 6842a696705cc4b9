// A solver or a config as a form with its answer: two settings, a chart, walls, working.
import {Chart, marked, outputTable, outputsOf, reasonOf, rowTable, stagesOf, tiles, together, verdict, walls, working} from '/answer.js';
import {element, words} from '/elements.js';
import {fieldOf, groupOf, saidValue, takesNumber, takesObject, unitOf} from '/form.js';
import {Refused, afterPaint, latest, once, post, turnstile} from '/service.js';
import {button, commandOf, copy, download, downloadReply, linkOf} from '/share.js';

/** What to begin with where something must be said: an example to move away from. */
async function begun(solver, ports, values) {
  const {any: usual, of} = await once('/usual.json');
  if (Object.keys(values).length === 0) Object.assign(values, of[solver] ?? {});
  for (const [name, port] of Object.entries(ports)) {
    if (!port.required || values[name] !== undefined) continue;
    if (takesNumber(port)) values[name] = usual[name] ?? (port.range?.most === 1 ? '0.5' : '1');
    if (port.choices?.length) values[name] = port.choices[0];
    if (!takesObject(port) || port.choices?.length) continue;
    const {entries} = await once('/v1/zoo?kind=' + encodeURIComponent(port.type));
    values[name] = entries.find(entry => entry.key === usual[port.type])?.key ?? entries[0]?.key;
  }
}

/** The ports of a question, in groups, and what a config's inputs have. */
async function portsOf(state) {
  if (state.kind === 'solver') {
    const page = await once('/v1/solvers/' + encodeURIComponent(state.name));
    return {title: state.name, doc: page.doc, groups: [['', page.inputs], ['Refinements', page.refinements ?? {}]], outputs: page.outputs};
  }
  const page = await post('/v1/ports', {config: state.config});
  const named = Object.keys(state.config.inputs ?? {});
  const first = {}, rest = new Map();
  for (const [name, port] of [...Object.entries(page.inputs), ...Object.entries(page.refinements ?? {})]) {
    const value = page.values[name];
    const shown = {...port, required: false, default: typeof value?.value === 'number' ? value.value : value?.value ?? port.default};
    if (named.includes(name)) first[name] = shown;
    else rest.set(name.split('.')[0], {...(rest.get(name.split('.')[0]) ?? {}), [name]: shown});
  }
  return {title: state.config.name || state.name, doc: 'A pipeline of ' + Object.keys(state.config.stages).join(', '), groups: [['', first], ...rest], outputs: page.outputs,
    many: page.rows !== 1 || page.study};
}

/** Values along an input around where it stands: what a chart is drawn over. */
function valuesAlong(port, now) {
  const {unit, scale} = unitOf(port), whole = port.type === 'integer';
  const low = port.range?.least ?? port.range?.above, most = port.range?.most;
  const bounded = low !== undefined && most !== undefined && low <= 0;
  const numbers = [];
  if (bounded) {
    for (let i = 0; i <= 40; ++i) numbers.push((low + (most - low) * (port.range?.above !== undefined ? Math.max(i, 0.4) : i) / 40) / scale);
  } else {
    const base = now > 0 ? now : 1;
    const from = Math.max(base / 16, low > 0 ? low / scale : 0, whole ? 1 : 0), to = Math.min(Math.max(base * 16, whole ? 64 : 0), most === undefined ? Infinity : most / scale);
    for (let i = 0; i <= 48; ++i) numbers.push(from * (to / from) ** (i / 48));
  }
  const values = [...new Set(numbers.map(n => whole ? Math.round(n) : Number(n.toPrecision(6))))].sort((x, y) => x - y);
  return {numbers: values, said: values.map(n => unit ? `${n} ${unit}` : n)};
}

export async function solveView(main, state, remember, go) {
  const described = await portsOf(state);
  state.extra ??= {};
  const ports = () => Object.assign({}, ...described.groups.map(group => group[1]), state.extra);
  await begun(state.kind === 'solver' ? state.name : '', ports(), state.a);
  let side = 'a';

  const inputsOf = values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) =>
    [name, ports()[name] ? saidValue(ports()[name], value) : value]));
  const question = (values, more = {}) => state.kind === 'solver' ? {solver: state.name, inputs: {...inputsOf(values), ...more}}
                                                                  : {config: state.config, set: {...inputsOf(values), ...more}};
  const several = values => described.many || Object.entries(inputsOf(values)).some(([name, value]) => Array.isArray(value) && ports()[name] && !ports()[name].type.startsWith('series'));

  // What is shown.
  const first = element('section', {class: 'card first', 'aria-label': 'Answer'});
  const tableCard = element('section', {class: 'card', 'aria-label': 'All outputs'});
  const wallCard = element('section', {class: 'card', 'aria-label': 'Walls'});
  const chartCard = element('section', {class: 'card', 'aria-label': 'Chart'});
  const workCard = element('section', {class: 'card', 'aria-label': 'Working'});
  const takeCard = element('section', {class: 'card', 'aria-label': 'Take it with you'});
  const chart = new Chart('the output over the input');
  const form = element('form', {class: 'card', onsubmit: event => event.preventDefault(), 'aria-label': 'Settings'});
  const docs = Object.fromEntries(Object.entries(described.outputs ?? {}).map(([name, port]) => [name, port.doc]));

  const numeric = Object.entries(described.outputs ?? {}).filter(([, port]) => takesNumber(port)).map(([name]) => name);
  const along = () => Object.entries(ports()).filter(([, port]) => takesNumber(port)).map(([name]) => name);
  state.y ??= numeric[0];
  state.x ??= along()[0];

  const headlines = answer => {
    const outputs = outputsOf(answer), names = [...outputs.keys()];
    const wanted = state.kind === 'config' && state.config.report?.columns ? state.config.report.columns.filter(name => outputs.has(name)) : [];
    const numbersFirst = names.filter(name => typeof outputs.get(name).value === 'number');
    return [...new Set([...wanted, ...numbersFirst.slice(0, 3), ...names.filter(name => /bottleneck|bound_by|wall$/.test(name)), ...numbersFirst])].slice(0, 4);
  };

  function showRefusal(lines) {
    first.replaceChildren(verdict('refused'), ...lines.map(line => element('p', {class: 'error', role: 'alert'}, line)));
    for (const place of [tableCard, wallCard, workCard]) place.hidden = true;
  }

  function showAnswers(answers) {
    const [a, b] = answers;
    if (a.columns) {
      first.replaceChildren(element('div', {}, `${a.rows.length} rows`, a.summary?.ok < a.summary?.rows ? `, ${a.summary.ok} of ${a.summary.rows} fit` : ''), ...(a.notes ?? []).map(note => element('p', {class: 'faint'}, note)));
      tableCard.hidden = false;
      tableCard.replaceChildren(element('h2', {}, 'Rows'), rowTable(a));
      wallCard.hidden = workCard.hidden = true;
      return;
    }
    const broken = answers.flatMap(reasonOf);
    if (!outputsOf(a).size && !(b && outputsOf(b).size)) { showRefusal(broken.length ? broken : ['no answer']); return; }
    first.replaceChildren(
      element('div', {class: 'verdicts'}, b ? 'A ' : '', verdict(a.status), b ? ' B ' : '', b ? verdict(b.status) : null),
      tiles(headlines(a), a, b), ...broken.map(line => element('p', {class: 'error'}, line)));
    tableCard.hidden = false;
    tableCard.replaceChildren(element('h2', {}, 'All outputs'), outputTable(a, b, docs));
    const bars = walls(answers);
    wallCard.hidden = !bars;
    if (bars) wallCard.replaceChildren(element('h2', {}, 'Walls, the closest first'), bars);
    const open = workCard.querySelector('details')?.open;
    const steps = working(a);
    if (!steps && stagesOf(a).every(stage => stage.explain === undefined) && !open && !workCard.hidden) return;  // it comes when the hand rests
    workCard.hidden = !steps;
    if (steps) { steps.open = Boolean(open); workCard.replaceChildren(steps); }
  }

  // While one drags, what nobody looks at is not worked out.
  const wholeQuestion = (values, how) => ({...question(values), texts: true, ...(several(values) || (how === 'drag' && !workCard.querySelector('details')?.open) ? {} : {explain: true})});

  /** The answer comes first: a chart is drawn once the newest answer that is asked for is on the screen. */
  const answered = turnstile();
  const ask = latest(
    bodies => Promise.all(bodies.map(body => post(state.kind === 'solver' ? '/v1/solve' : '/v1/run', body))),
    answers => { showAnswers(answers); afterPaint(answered.open); },
    error => { if (!(error instanceof Refused)) console.error(error); showRefusal([error.message]); answered.open(); });

  let curve = null;  // what is drawn, and for which question
  function showCurve(at) {
    const models = structuredClone(curve.models);
    models.forEach((model, i) => { model.title = ''; marked(model, at[i], curve.numbers[0]); });
    chart.element.hidden = false;
    chart.show(models.length > 1 ? together(models[0], models[1]) : models[0]);
  }
  const draw = latest(async asked => {
    const models = await Promise.all(asked.bodies.map(body => post('/v1/chart', body)));
    await answered.wait();
    return models;
  }, (models, asked) => { curve = {models, key: asked.key, numbers: asked.numbers}; showCurve(asked.at); }, () => { curve = null; chart.hide(); chart.element.hidden = true; });
  const move = latest(async at => { await answered.wait(); return at; }, at => { if (curve) showCurve(at); }, error => console.error(error));

  const numberOf = (values, name) => {
    const port = ports()[name], said = values[name];
    const found = Number.parseFloat(said);
    return Number.isFinite(found) ? found : typeof port?.default === 'number' ? port.default / unitOf(port).scale : 1;
  };

  function drawChart(how) {
    const port = ports()[state.x];
    if (!port || !state.y || several(state.a)) { chart.hide(); chartCard.hidden = true; return; }
    chartCard.hidden = false;
    const settings = [state.a, state.b].filter(Boolean), at = settings.map(values => numberOf(values, state.x));
    // The curve over an input stands still while one drags along it.
    const key = JSON.stringify([state.x, state.y, settings.map(values => ({...values, [state.x]: 0}))]);
    if (how === 'drag' && curve?.key === key && at.every(x => x >= curve.numbers[0] && x <= curve.numbers.at(-1))) { move(at); return; }
    const {numbers, said} = valuesAlong(port, at[0]);
    if (numbers.length < 2) return;
    const column = state.kind === 'solver' && state.x.includes('.') ? `${state.name.split('/').pop()}.${state.x}` : state.x;
    draw({bodies: settings.map(values => ({...question(values, {[state.x]: said}), chart: 'sweep', x: column, y: [state.y]})), at, key, numbers});
  }

  let soon = 0;
  function update(how) {
    answered.close();
    ask([state.a, state.b].filter(Boolean).map(values => wholeQuestion(values, how)));
    drawChart(how);
    clearTimeout(soon);
    soon = setTimeout(() => { remember(state); showCommand(); }, 250);
  }

  function change(name, value, how) {
    const moved = state[side];
    if (value === undefined) delete moved[name]; else moved[name] = value;
    if (how === 'drag' && takesNumber(ports()[name] ?? {}) && state.x !== name) { state.x = name; showPicks(); }
    update(how);
  }

  function addField(name, port) {
    if (!state.extra[name]) { state.extra[name] = port; showForm(); }
    form.querySelector(`[data-name="${CSS.escape(name)}"] input`)?.focus();
  }

  // Controls.
  function showForm() {
    const values = state[side];
    const fields = group => Object.entries(group).map(([name, port]) => fieldOf(name, port, values[name], change, state.kind === 'solver' && (port.type === 'hardware' || port.type === 'workload') ? addField : null));
    const tab = (which, text) => button(text, () => { side = which; showForm(); form.querySelector('.tabs [aria-pressed=true]').focus(); }, {'aria-pressed': String(side === which), class: which});
    form.replaceChildren(
      state.b ? element('div', {class: 'tabs', role: 'group', 'aria-label': 'which setting'}, tab('a', 'Setting A'), tab('b', 'Setting B')) : '',
      ...[['', state.extra], ...described.groups].map(([title, group], i) => groupOf(i < 2 ? '' : words(title), fields(group), state.kind === 'config' && Object.keys(described.groups[0][1]).length === 0 && i === 2)).filter(Boolean));
  }

  function showPicks() {
    const pick = (label, names, key) => {
      const select = element('select', {onchange: () => { state[key] = select.value; update(); }}, names.map(name => element('option', {value: name}, words(name))));
      select.value = state[key];
      return element('label', {}, label, select);
    };
    chartCard.replaceChildren(element('div', {class: 'picks'}, pick('', numeric, 'y'), pick('over', along(), 'x')), chart.element);
  }

  const command = element('code', {class: 'command'});
  function showCommand() { command.textContent = commandOf(state, inputsOf(state[side])); }

  const compare = button('', () => {
    state.b = state.b ? undefined : {...state.a};
    side = state.b ? 'b' : 'a';
    showCompare();
    showForm();
    update();
  });
  function showCompare() {
    compare.textContent = state.b ? 'End comparison' : 'Compare';
    compare.setAttribute('aria-pressed', String(Boolean(state.b)));
  }
  const configOf = () => {
    if (state.kind === 'solver') return {version: 1, name: state.name, stages: {[state.name.split('/').pop()]: {solver: state.name, ...inputsOf(state[side])}}};
    const config = structuredClone(state.config);
    for (const [name, value] of Object.entries(inputsOf(state[side]))) {
      const [stage, ...port] = name.split('.');
      if (config.inputs && name in config.inputs) config.inputs[name] = value;
      else if (port.length && config.stages[stage]) config.stages[stage][port.join('.')] = value;
      else config.inputs = {...config.inputs, [name]: value};
    }
    return config;
  };
  const base = state.name.replace(/\.\w+$/, '').replaceAll('/', '_');
  takeCard.append(element('h2', {}, 'Take it with you'), command, element('div', {class: 'actions'},
    button('Copy the command', () => copy(commandOf(state, inputsOf(state[side])), 'Command')),
    button('Config', () => download(JSON.stringify(configOf(), null, 2) + '\n', `${base}.json`, 'application/json')),
    button('Report', () => downloadReply('/v1/report', {...question(state[side]), title: words(described.title)}, 'text/html', `${base}.html`)),
    button('CSV', () => downloadReply('/v1/run', question(state[side]), 'text/csv', `${base}.csv`)),
    button('CSV of the chart', () => downloadReply('/v1/run', question(state[side], {[state.x]: valuesAlong(ports()[state.x], numberOf(state[side], state.x)).said}), 'text/csv', `${base}_${state.x}.csv`))));

  main.replaceChildren(
    element('div', {class: 'top'},
      element('div', {}, element('h1', {}, words(described.title)), element('div', {class: 'faint'}, described.doc)),
      element('div', {class: 'actions'}, compare, button('Copy link', () => { remember(state); copy(location.origin + '/' + linkOf(state), 'Link'); }), button('Start over', () => go({...state, a: {}, b: undefined, extra: {}, fresh: Date.now()})))),
    element('div', {class: 'sides'}, form, element('div', {class: 'answer'}, first, chartCard, wallCard, tableCard, workCard, takeCard)));
  showForm();
  showPicks();
  showCompare();
  showCommand();
  update();
  return () => { chart.leave(); clearTimeout(soon); };
}
