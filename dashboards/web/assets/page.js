// What does a page do beside being read? Fetches its figures anew, offers the zone of this computer, saves and copies; without this script all of it can be read.
// @ts-check
'use strict';

const refreshMs = 30_000;
const status = document.getElementById('status');

/** Only what is marked as live is replaced, and only where it changed: who reads or types loses nothing. */
async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) throw new Error(String(response.status));
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const fresh = next.querySelector(`[data-live="${part.getAttribute('data-live')}"]`);
      if (fresh === null || fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
      part.replaceChildren(...fresh.childNodes);
    }
    lastAnswer = new Date();
    if (status !== null) status.textContent = '';
  } catch {
    if (status === null || status.textContent !== '') return;
    const { unreachable = '', zone } = status.dataset;
    const at = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'medium' }).format(lastAnswer);
    status.textContent = unreachable.replace('{at}', at);
  }
}

let lastAnswer = new Date();
if (document.querySelector('[data-live]') !== null) setInterval(refresh, refreshMs);

for (const select of document.querySelectorAll('select[data-local-zone]')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = /** @type {HTMLSelectElement} */ (select);
  if ([...list.options].some((option) => option.value === zone)) continue;
  list.add(new Option(`${zone} (${select.getAttribute('data-local-zone')})`, zone));
}

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(location.href);
    if (status !== null) status.textContent = button.getAttribute('data-copy');
  });
}

for (const button of document.querySelectorAll('button[data-png]')) {
  button.addEventListener('click', () => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(button.getAttribute('data-png') ?? ''));
    const link = document.createElement('a');
    link.download = `${canvas.id}.png`;
    link.href = canvas.toDataURL('image/png');
    link.click();
  });
}
