// Connects sliders and fields of the what-if form, and reloads the answer after a change.
// @ts-check
'use strict';

/** Longer than pauses while dragging a slider, and short enough to wait for. */
const pauseMs = 350;
const form = /** @type {HTMLFormElement} */ (document.querySelector('form[data-follow]'));
const liveRegion = form.querySelector('[data-answered]');
const sliders = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('input[type="range"]'));

for (const slider of sliders) {
  const { of = '', stops = '', measured } = slider.dataset;
  const field = /** @type {HTMLInputElement} */ (document.getElementById(of));
  const texts = stops.split(' ');
  slider.hidden = false;
  slider.addEventListener('input', () => {
    const text = texts[Number(slider.value)] ?? '';
    slider.setAttribute('aria-valuetext', text);
    field.value = slider.value === measured ? '' : text;
  });
}

/** Includes only filled fields, because people read addresses, too. */
function address() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value.trim() !== '') parameters.set(name, value.trim());
  }
  return `${form.getAttribute('action')}?${parameters}`;
}

let isAsking = false;
let isOutdated = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;

/** Sends one request at a time; while dragging, the answer is for the latest position. */
async function ask() {
  clearTimeout(pause);
  isOutdated = isAsking;
  if (isAsking) return;
  isAsking = true;
  form.setAttribute('aria-busy', 'true');
  const url = address();
  try {
    const response = await fetch(url, { headers: { Accept: 'text/html' } });
    show(new DOMParser().parseFromString(await response.text(), 'text/html'));
    history.replaceState(null, '', url);
    if (liveRegion !== null) liveRegion.textContent = liveRegion.getAttribute('data-answered');
  } catch {
    const status = document.getElementById('status');
    const at = new Date().toLocaleTimeString('en-GB');
    if (status !== null) status.textContent = (status.dataset['unreachable'] ?? '').replace('{at}', at);
  } finally {
    isAsking = false;
    form.removeAttribute('aria-busy');
    if (isOutdated) void ask();
  }
}

function show(/** @type {Document} */ next) {
  const parts = (/** @type {Document} */ page) => page.querySelectorAll('[data-part]').length;
  // A different kind of answer, such as the first one after a wait, has other parts.
  if (parts(next) !== parts(document)) return location.replace(address());
  for (const part of document.querySelectorAll('[data-part]')) {
    const fresh = next.querySelector(`[data-part="${part.getAttribute('data-part')}"]`);
    part.replaceChildren(...(fresh?.childNodes ?? []));
  }
  for (const field of form.querySelectorAll('[name]')) {
    field.toggleAttribute('aria-invalid', false);
    if (next.querySelector(`[name="${field.getAttribute('name')}"][aria-invalid]`) !== null)
      field.setAttribute('aria-invalid', 'true');
  }
  for (const slider of sliders) {
    const fresh = /** @type {HTMLInputElement | null} */ (next.getElementById(slider.id));
    if (fresh === null || document.activeElement === slider) continue;
    slider.value = fresh.value;
    slider.setAttribute('aria-valuetext', fresh.getAttribute('aria-valuetext') ?? '');
  }
  const language = document.querySelector('.language');
  language?.setAttribute('href', next.querySelector('.language')?.getAttribute('href') ?? '');
  const choices = document.querySelector('.preferences form');
  for (const old of choices?.querySelectorAll('input[type="hidden"]') ?? []) old.remove();
  choices?.prepend(...next.querySelectorAll('.preferences form input[type="hidden"]'));
  document.dispatchEvent(new Event('figures-changed'));
}

form.addEventListener('input', () => {
  clearTimeout(pause);
  pause = setTimeout(() => void ask(), pauseMs);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});
