// Refreshes live parts of a page, suggests the local time zone, and saves charts and tables to files.
// @ts-check
'use strict';

/** Maximum interval between refreshes, because a proxy may delay the stream. */
const refreshMs = 30_000;
/** Minimum interval between refreshes, however often data change. */
const leastMs = 3000;
const notice = document.getElementById('status');
const { stream } = document.documentElement.dataset;

let lastAnswer = new Date();
let lastRefresh = performance.now();
/** @type {EventSource | undefined} */
let source;
/** @type {number | undefined} */
let waiting;

/** Updates only live parts, and only differences, so that readers keep their position and input. */
async function refresh() {
  if (document.hidden) return;
  lastRefresh = performance.now();
  try {
    const headers = { Accept: 'text/html', 'Plimsoll-Refresh': '1' };
    // Without a timeout, a lost connection would stay unnoticed for minutes.
    const signal = AbortSignal.timeout(refreshMs);
    const response = await fetch(location.href, { headers, redirect: 'manual', signal });
    // Without a session the service redirects to its login page, or answers 401 to browsers that send Sec-Fetch-Mode.
    if (response.type === 'opaqueredirect' || response.status === 401) {
      announceAge('loggedOut');
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const fresh = next.querySelector(`[data-live="${part.getAttribute('data-live')}"]`);
      // A failed reading does not replace an earlier answer.
      const isWorse = fresh?.hasAttribute('data-unanswered') && !part.hasAttribute('data-unanswered');
      if (fresh !== null && !isWorse) become(part, fresh);
    }
    showTools();
    document.dispatchEvent(new Event('page-refreshed'));
    lastAnswer = new Date();
    if (notice !== null) notice.textContent = '';
  } catch {
    announceAge('unreachable');
  }
}

function announceAge(/** @type {'unreachable' | 'loggedOut'} */ cause) {
  if (notice === null) return;
  const { [cause]: text = '', zone } = notice.dataset;
  // Includes the date, because a page may stay open overnight. Swedish dates are ISO 8601, which both languages use.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const notFresh = text.replace('{at}', format.format(lastAnswer));
  // Replaces messages of buttons; setting the same text again would make screen readers repeat it.
  if (notice.textContent !== notFresh) notice.textContent = notFresh;
}

function formInUse() {
  const { activeElement } = document;
  return activeElement?.matches('input, select, textarea') ? activeElement.closest('form') : null;
}

const keyOf = (/** @type {Node | undefined} */ node) =>
  node instanceof Element ? (node.getAttribute('data-key') ?? node.id) : '';

/** Updates elements in place, so that opened folds, scrolled tables and drawn charts stay. */
function become(/** @type {Element} */ old, /** @type {Element} */ fresh) {
  if (old.isEqualNode(fresh) || old.nodeName === 'CANVAS' || old === formInUse()) return;
  for (const { name, value } of fresh.attributes) {
    if (name !== 'hidden' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const name of old.getAttributeNames()) {
    if (name !== 'open' && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  const differs = (/** @type {ChildNode} */ each, /** @type {ChildNode | undefined} */ now) =>
    each.nodeName !== now?.nodeName || keyOf(each) !== keyOf(now);
  if (before.length !== after.length || before.some((each, index) => differs(each, after[index]))) {
    rearrange(old, after);
    return;
  }
  for (const [index, each] of before.entries()) {
    const now = after[index];
    if (each instanceof Element && now instanceof Element) become(each, now);
    else if (now !== undefined && each.nodeValue !== now.nodeValue) each.nodeValue = now.nodeValue;
  }
}

/** A child with a key stays the same element wherever it moves: a form that is filled in belongs to one item. */
function rearrange(/** @type {Element} */ old, /** @type {ChildNode[]} */ after) {
  const before = [...old.childNodes];
  /** @type {Map<string, Element[]>} */
  const known = new Map();
  for (const each of old.children) {
    if (keyOf(each) !== '') known.set(keyOf(each), [...(known.get(keyOf(each)) ?? []), each]);
  }
  /** @type {ChildNode[]} */
  const next = after.map((now) => {
    const same = known.get(keyOf(now))?.[0];
    if (same === undefined || !(now instanceof Element) || same.nodeName !== now.nodeName) return now;
    // Alerts may share a name: they are matched in their order.
    known.get(keyOf(now))?.shift();
    become(same, now);
    return same;
  });
  const place = before.findIndex((each) => each.contains(document.activeElement));
  const inUse = before[place];
  if (inUse !== undefined && !next.includes(inUse) && inUse.contains(formInUse())) {
    // Its item is gone: it stays until the reader leaves the form. Without a key its successor is unknown.
    if (keyOf(inUse) === '') return;
    next.splice(place, 0, inUse);
  }
  if (inUse === undefined || !next.includes(inUse)) {
    old.replaceChildren(...next);
    return;
  }
  // Moving an element takes the focus away, so the others move around it.
  for (const each of before) if (each !== inUse) each.remove();
  const at = next.indexOf(inUse);
  inUse.before(...next.slice(0, at));
  inUse.after(...next.slice(at + 1));
}

/** Only a visible page keeps a connection, because a browser opens at most six to a server. */
function listen() {
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else if (stream !== undefined && (source === undefined || source.readyState === EventSource.CLOSED)) {
    source = new EventSource(stream);
    source.addEventListener('changed', refreshSoon);
  }
}

function refreshSoon() {
  waiting ??= setTimeout(
    () => {
      waiting = undefined;
      void refresh();
    },
    Math.max(0, leastMs - (performance.now() - lastRefresh)),
  );
}

if (document.querySelector('[data-live]') !== null) {
  listen();
  // After going back, the browser shows a stored page, which is refreshed.
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  if (visit?.type === 'back_forward') void refresh();
  document.addEventListener('visibilitychange', () => {
    listen();
    refreshSoon();
  });
  setInterval(() => {
    if (performance.now() - lastRefresh < refreshMs) return;
    listen();
    void refresh();
  }, refreshMs / 6);
}

for (const select of document.querySelectorAll('select[data-local-zone]')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = /** @type {HTMLSelectElement} */ (select);
  if ([...list.options].some((option) => option.value === zone)) continue;
  list.add(new Option(`${zone} (${select.getAttribute('data-local-zone')})`, zone));
}

for (const tab of document.querySelectorAll('.tabs [aria-current]')) {
  tab.scrollIntoView({ block: 'nearest', inline: 'center' });
}

const menu = /** @type {HTMLDetailsElement | null} */ (document.querySelector('.menu'));
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || menu?.open !== true) return;
  menu.open = false;
  menu.querySelector('summary')?.focus();
});
document.addEventListener('click', ({ target }) => {
  if (menu !== null && target instanceof Node && !menu.contains(target)) menu.open = false;
});

/** Shows the tools, which need this script. */
function showTools() {
  for (const tools of document.querySelectorAll('.tools[hidden]')) tools.removeAttribute('hidden');
  // Browsers provide the clipboard only over HTTPS and on localhost.
  if ('clipboard' in navigator) return;
  for (const copy of document.querySelectorAll('[data-copy], [data-copy-command]')) copy.setAttribute('hidden', '');
}
showTools();

// Handles clicks on the document, because parts of a page and their buttons are replaced on refresh.
document.addEventListener('click', ({ target }) => void press(target));

async function press(/** @type {EventTarget | null} */ target) {
  const button = target instanceof Element ? target.closest('button') : null;
  if (button === null) return;
  const { copy, copyCommand, png, csv } = button.dataset;
  if (copyCommand !== undefined) {
    await navigator.clipboard.writeText(button.closest('.command')?.querySelector('code')?.textContent ?? '');
    if (notice !== null) notice.textContent = copyCommand;
  }
  if (copy !== undefined) {
    await navigator.clipboard.writeText(location.href);
    if (notice !== null) notice.textContent = copy;
  }
  if (png !== undefined) save(`${png}.png`, (await pictureOf(png)).toDataURL('image/png'));
  if (csv !== undefined) {
    // Starts with a byte order mark, by which Excel recognizes UTF-8.
    const address = URL.createObjectURL(new Blob(['\uFEFF', csvOf(csv)], { type: 'text/csv' }));
    save(`${csv}.csv`, address);
    URL.revokeObjectURL(address);
  }
}

function save(/** @type {string} */ name, /** @type {string} */ address) {
  const link = document.createElement('a');
  link.download = name;
  link.href = address;
  link.click();
}

/** Fills the background, because light lines on a transparent picture would be unreadable elsewhere. */
async function pictureOf(/** @type {string} */ id) {
  const drawn = /** @type {HTMLCanvasElement | SVGSVGElement} */ (/** @type {unknown} */ (document.getElementById(id)));
  const { width, height } = drawn.getBoundingClientRect();
  const picture = document.createElement('canvas');
  picture.width = Math.round(width * devicePixelRatio);
  picture.height = Math.round(height * devicePixelRatio);
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext('2d'));
  context.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
  context.fillRect(0, 0, picture.width, picture.height);
  const image = drawn instanceof HTMLCanvasElement ? drawn : await imageOf(drawn, width, height);
  context.drawImage(image, 0, 0, picture.width, picture.height);
  return picture;
}

const looks = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
];

/** Copies computed styles into the drawing, because outside of its page it has no style sheet. */
async function imageOf(/** @type {SVGSVGElement} */ drawn, /** @type {number} */ width, /** @type {number} */ height) {
  const copy = /** @type {SVGSVGElement} */ (drawn.cloneNode(true));
  const copies = [copy, ...copy.querySelectorAll('*')];
  for (const [index, element] of [drawn, ...drawn.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(element);
    for (const look of looks) copies[index]?.setAttribute(look, style.getPropertyValue(look));
  }
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const text = new XMLSerializer().serializeToString(copy);
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  return image;
}

/** Converts the first table below a heading; cells with a raw value export it, and text cannot start a formula. */
function csvOf(/** @type {string} */ headingId) {
  const heading = document.getElementById(headingId);
  const table = [...document.querySelectorAll('table')].find(
    (each) => heading !== null && heading.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  return [...(table?.rows ?? [])].map((row) => `${[...row.cells].map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(/** @type {HTMLTableCellElement} */ { dataset, textContent }) {
  if (dataset.value !== undefined && /^-?[\d.]+(e[+-]?\d+)?$/.test(dataset.value)) return dataset.value;
  const text = (dataset.value ?? textContent).trim().replaceAll(/\s+/g, ' ');
  const safe = /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
