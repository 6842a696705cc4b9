// Answers: what came out, what binds, how it was worked out, and a chart over one input.
import {element, words} from '/elements.js';

const verdicts = {ok: 'fits', infeasible: 'does not fit', refused: 'refused', failed: 'failed', skipped: 'skipped'};

export function verdict(status, text = verdicts[status]) {
  return element('span', {class: status === 'ok' ? 'verdict' : 'verdict bad', 'data-status': status}, text ?? status);
}

/** The stages of an answer, of one solver or of several. */
export function stagesOf(answer) {
  if (answer.stages) return Object.entries(answer.stages).map(([name, stage]) => ({name, ...stage}));
  return [{name: '', ...answer}];
}

/** Outputs that are there, by name; those of several stages behind the stage's. */
export function outputsOf(answer) {
  const outputs = new Map();
  for (const stage of stagesOf(answer))
    for (const [name, value] of Object.entries(stage.outputs ?? {}))
      if (value.text) outputs.set(stage.name ? `${stage.name}.${name}` : name, value);
  for (const [name, value] of Object.entries(answer.derived ?? {})) if (value.text) outputs.set(name, value);
  return outputs;
}

/** What the answer of another setting is of this one: "1.6 times", or nothing where that says nothing. */
function ratio(a, b) {
  if (typeof a?.value !== 'number' || typeof b?.value !== 'number' || a.value === 0 || a.value === b.value) return '';
  const times = b.value / a.value;
  return times > 0 ? `${Number(times.toPrecision(3))}\u00d7` : '';
}

/** Why there is none, in the solver's or the host's own line. */
export function reasonOf(answer) {
  const lines = [...(answer.errors ?? [])];
  if (answer.error) lines.push(answer.error);
  for (const violated of answer.violated ?? []) lines.push(`assertion violated: ${violated}`);
  for (const wall of answer.infeasible ?? []) lines.push(`${wall.limit} is exceeded`);
  return lines;
}

/** The outputs that a reader wants first. */
export function tiles(names, a, b) {
  const first = outputsOf(a), second = b ? outputsOf(b) : null;
  return element('div', {class: 'tiles'}, names.filter(name => first.has(name) || second?.has(name)).map(name => element('div', {class: 'tile', 'data-output': name},
    element('span', {}, words(name)), element('b', {}, first.get(name)?.text ?? '\u2013'),
    second ? element('b', {class: 'b'}, second.get(name)?.text ?? '\u2013') : null)));
}

export function outputTable(a, b, docs) {
  const first = outputsOf(a), second = b ? outputsOf(b) : null;
  const names = new Set([...first.keys(), ...(second?.keys() ?? [])]);
  const heads = second ? ['output', 'A', 'B', 'B of A'] : ['output', 'value'];
  return element('div', {class: 'wide'}, element('table', {},
    element('thead', {}, element('tr', {}, heads.map((head, i) => element('th', {class: i ? 'number' : null, scope: 'col'}, head)))),
    element('tbody', {}, [...names].map(name => element('tr', {'data-output': name},
      element('td', {}, words(name), docs[name] ? element('span', {class: 'doc'}, docs[name]) : null),
      element('td', {class: 'number'}, first.get(name)?.text ?? ''),
      second ? element('td', {class: 'number b'}, second.get(name)?.text ?? '') : null,
      second ? element('td', {class: 'number'}, ratio(first.get(name), second.get(name))) : null)))));
}

function bar(share, exceeded) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 100 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  for (const [name, width] of [['back', 100], ['fill', Math.max(0.5, Math.min(100, share * (exceeded ? 100 / share : 100)))]]) {
    const part = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    part.setAttribute('class', name);
    part.setAttribute('width', width);
    part.setAttribute('height', 10);
    svg.append(part);
  }
  return svg;
}

/** Limits as bars, the closest first. */
export function walls(answers) {
  const rows = [];
  answers.forEach((answer, which) => {
    for (const stage of stagesOf(answer))
      for (const wall of stage.limits ?? []) {
        const share = wall.used.value / wall.bound.value;
        if (Number.isFinite(share)) rows.push({which, stage: stage.name, wall, share});
      }
  });
  rows.sort((x, y) => y.share - x.share);
  if (rows.length === 0) return null;
  return element('div', {class: 'walls'}, rows.map(({which, stage, wall, share}) => {
    const bad = wall.exceeded && wall.hard, whose = answers.length > 1 ? (which ? 'B: ' : 'A: ') : '';
    return element('div', {class: `wall${bad ? ' bad' : ''}${which ? ' b' : ''}`, 'data-wall': wall.limit},
      element('div', {class: 'line'}, element('b', {}, whose + (stage ? `${stage}: ` : '') + words(wall.limit)), element('span', {}, wall.text)),
      bar(share, wall.exceeded), element('div', {class: 'doc'}, wall.doc + (wall.hard ? '' : ' (a share, not a limit)')));
  }));
}

export function working(answer) {
  const lines = stagesOf(answer).flatMap(stage => (stage.explain ?? []).map(line => (stage.name ? `${stage.name}: ` : '') + line.text));
  if (lines.length === 0) return null;
  return element('details', {class: 'steps'}, element('summary', {}, `Working (${lines.length} steps)`),
    element('ol', {class: 'working'}, lines.map(line => element('li', {}, line))));
}

/** A table of rows as the service writes it in JSON. */
export function rowTable(table) {
  const most = 200, columns = table.columns.map(column => column.unit ? `${words(column.name)} [${column.unit}]` : words(column.name));
  const text = value => value === null ? '' : typeof value === 'number' ? String(Number(value.toPrecision(5))) : Array.isArray(value) ? value.join(', ') : String(value);
  const rows = table.rows.slice(0, most);
  const filled = columns.map((_, c) => rows.some(row => row[c] !== null && row[c] !== ''));
  return element('div', {},
    element('div', {class: 'wide'}, element('table', {},
      element('thead', {}, element('tr', {}, columns.filter((_, c) => filled[c]).map((name, c) => element('th', {scope: 'col', class: c ? 'number' : null}, name)))),
      element('tbody', {}, rows.map(row => element('tr', {}, row.filter((_, c) => filled[c]).map(value => element('td', {class: typeof value === 'number' ? 'number' : null}, text(value)))))))),
    table.rows.length > most ? element('p', {class: 'faint'}, `${table.rows.length - most} more rows are in the CSV.`) : null);
}

/** A place for a chart that is drawn again and again. */
export class Chart {
  constructor(label) {
    this.element = element('div', {class: 'chart', role: 'img', 'aria-label': label});
    this.dark = window.matchMedia('(prefers-color-scheme: dark)');
    this.again = () => { if (this.model && this.element.isConnected) this.show(this.model); };
    this.dark.addEventListener('change', this.again);
    window.addEventListener('resize', this.again);
  }
  show(model) {
    this.model = model;
    const look = {width: Math.max(260, this.element.clientWidth), dark: this.dark.matches, wheel: false};
    look.height = ironlaw.height(model, look);
    if (!this.drawn || this.width !== look.width || this.height !== look.height) {
      this.drawn?.dispose();
      this.element.style.height = `${look.height}px`;
      this.drawn = echarts.init(this.element, null, {renderer: 'svg', width: look.width, height: look.height});
      this.width = look.width;
      this.height = look.height;
    }
    const option = ironlaw.option(model, look);
    option.animation = false;
    option.backgroundColor = 'transparent';
    option.legend.data = option.legend.data.filter(entry => (entry.name ?? entry) !== now);
    for (const series of option.series) {
      if (series.name === now) Object.assign(series, {symbolSize: 13, z: 9});
      else if (series.data?.length > 12) series.showSymbol = false;
    }
    this.drawn.setOption(option, true);
  }
  hide() { this.drawn?.dispose(); this.drawn = null; this.element.style.height = ''; this.model = null; }
  leave() { this.hide(); this.dark.removeEventListener('change', this.again); window.removeEventListener('resize', this.again); }
}

const now = 'now';

/** Marks where the setting stands: `share` of the way along the axis, by the lines' own points. */
export function marked(model, at, first, colour = 1) {
  for (const panel of model.panels) {
    const line = panel.series.find(series => series.points.length > 1);
    if (!line || !(first > 0) || panel.x.categories?.length) continue;
    const x = at / first * line.points[0].x;
    const next = line.points.findIndex(point => point.x >= x * (1 - 1e-9));
    if (next < 0) continue;
    const [p, q] = [line.points[Math.max(0, next - 1)], line.points[next]];
    const part = q.x === p.x ? 0 : (x - p.x) / (q.x - p.x);
    const y = p.y + part * (q.y - p.y);
    panel.series.push({name: now, form: 'points', colour, dashed: false, symbol: 0, points: [{x, y, tip: 'where the setting stands'}]});
  }
  return model;
}

/** One chart of two settings: lines beside one another where units agree, else a panel each. */
export function together(a, b) {
  const named = (model, name, colour, dashed) => model.panels.map(panel => ({
    ...panel, title: '', series: panel.series.map(series => series.name === now ? {...series, colour} : {...series, name: `${name}${series.name && series.name !== panel.y.name ? `: ${series.name}` : ''}`, colour, dashed})
  }));
  const [first, second] = [named(a, 'A', 0, false), named(b, 'B', 1, true)];
  const agree = first.length === second.length && first.every((panel, i) => panel.x.unit === second[i].x.unit && panel.y.unit === second[i].y.unit);
  const panels = agree ? first.map((panel, i) => ({...panel, series: [...panel.series, ...second[i].series]}))
                       : [...first.map(panel => ({...panel, title: 'A'})), ...second.map(panel => ({...panel, title: 'B'}))];
  return {...a, panels};
}
