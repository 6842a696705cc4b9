// Elements in one call.

/** element('p', {class: 'doc', onclick: f}, 'text', child): attributes, then what is in it; null is left out. */
export function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key === 'value' || key === 'checked') made[key] = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...inside.flat().filter(part => part !== null && part !== undefined && part !== ''));
  return made;
}

let count = 0;
export function freshId(name) { return `${name.replace(/[^a-z0-9_]/gi, '_')}_${++count}`; }

export function words(name) { return name.replaceAll('_', ' '); }

let fading = 0;
/** A line that passes. */
export function say(text) {
  const place = document.getElementById('said');
  place.replaceChildren(element('span', {}, text));
  clearTimeout(fading);
  fading = setTimeout(() => place.replaceChildren(), 2500);
}
