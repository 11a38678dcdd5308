// Adds new messages of a topic to the table as they arrive, until the stream ends or the reader leaves the page.
// @ts-check
'use strict';

/** Limit of rows; older messages stay on the brokers. */
const mostRows = 200;

const tail = /** @type {HTMLElement} */ (document.getElementById('tail'));
const {
  tail: address = '',
  running = '',
  skipped = '',
  unread = '',
  ended = '',
  failed = '',
  lost = '',
} = tail.dataset;
const tailStatus = /** @type {HTMLElement} */ (tail.querySelector('[role="status"]'));
let unshown = 0;
/** @type {Set<string>} Each names a partition. */
const reasons = new Set();

const events = new EventSource(address);
const tell = (/** @type {string} */ text) => (tailStatus.textContent = text);
const showState = () => {
  const texts = [running];
  if (unshown > 0) texts.push(skipped.replace('{count}', unshown.toLocaleString(document.documentElement.lang)));
  if (reasons.size > 0) texts.push(unread.replace('{reason}', () => [...reasons].join('; ')));
  tell(texts.join(' '));
};
const stop = (/** @type {string} */ text) => {
  events.close();
  tell(text);
};

events.addEventListener('open', showState);
events.addEventListener('message', ({ data }) => {
  const table = new DOMParser().parseFromString(data, 'text/html').body.firstElementChild;
  const row = table?.querySelector('tbody tr');
  if (table === null || row === null || row === undefined) return;
  const body = tail.querySelector('tbody');
  if (body === null) {
    tail.append(table);
    return;
  }
  body.prepend(row);
  while (body.rows.length > mostRows) body.rows[body.rows.length - 1]?.remove();
});
events.addEventListener('skipped', ({ data }) => {
  unshown += Number(data);
  showState();
});
events.addEventListener('unread', ({ data }) => {
  reasons.add(data);
  showState();
});
events.addEventListener('end', ({ data }) => stop(data === '' ? ended : failed.replace('{reason}', () => data)));
// A normal end is a separate event, so an error is a refusal or a lost connection.
events.addEventListener('error', () => stop(lost));
