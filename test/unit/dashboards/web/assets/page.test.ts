import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

const script = readFileSync(new URL('../../../../../dashboards/web/assets/page.js', import.meta.url), 'utf8');

class Element {
  readonly dataset: Record<string, string> = {};
  closest = () => this;
}

/** The script with the little that it needs of a browser; the service does not answer. */
function openPage() {
  const announced: string[] = [];
  const notice = {
    dataset: { unreachable: 'No answer since {at}.', zone: 'UTC' },
    get textContent() {
      return announced.at(-1) ?? '';
    },
    set textContent(text: string) {
      announced.push(text);
    },
  };
  const listeners = new Map<string, ((event: object) => void)[]>();
  let refresh = () => {};
  runInNewContext(script, {
    Date,
    Element,
    Intl,
    document: {
      hidden: false,
      documentElement: { dataset: {} },
      getElementById: () => notice,
      querySelector: (selector: string) => (selector === '[data-live]' ? {} : null),
      querySelectorAll: () => [],
      addEventListener: (name: string, listener: (event: object) => void) =>
        listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    },
    fetch: () => Promise.reject(new TypeError('Failed to fetch')),
    location: { href: 'http://127.0.0.1/' },
    navigator: { clipboard: { writeText: async () => {} } },
    performance: { now: () => 0 },
    setInterval: () => 0,
    setTimeout: (then: () => void) => {
      refresh = then;
      return 1;
    },
  });
  const happen = async (name: string, event: object = {}) => {
    for (const listener of listeners.get(name) ?? []) listener(event);
    await setImmediate();
  };
  return {
    announced,
    copyLink() {
      const target = new Element();
      target.dataset['copy'] = 'Copied.';
      return happen('click', { target });
    },
    async refresh() {
      await happen('visibilitychange');
      refresh();
      await setImmediate();
    },
  };
}

test('an outage is announced once, and again after a button has reported something else', async () => {
  const page = openPage();
  await page.copyLink();
  await page.refresh();
  await page.refresh();
  const outage = expect.stringMatching(/^No answer since \d\d:\d\d:\d\d\.$/) as string;
  expect(page.announced).toEqual(['Copied.', outage]);
  await page.copyLink();
  await page.refresh();
  expect(page.announced).toEqual(['Copied.', outage, 'Copied.', outage]);
});
