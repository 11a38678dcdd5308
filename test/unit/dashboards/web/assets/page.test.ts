import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

const script = readFileSync(new URL('../../../../../dashboards/web/assets/page.js', import.meta.url), 'utf8');

class Element {
  readonly dataset: Record<string, string> = {};
  closest = () => this;
}

/** What `fetch` resolves to, as far as the script reads it. */
interface Answer {
  ok: boolean;
  status: number;
  type: string;
  redirected?: boolean;
  text?: () => Promise<string>;
}
const noAnswer = () => Promise.reject<Answer>(new TypeError('Failed to fetch'));

/** The script with the little that it needs of a browser; by default the service does not answer. */
function openPage(answer: (init: { redirect?: string }) => Promise<Answer> = noAnswer) {
  const announced: string[] = [];
  const notice = {
    dataset: { unreachable: 'No answer since {at}.', loggedOut: 'Logged out at {at}.', zone: 'UTC' },
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
      dispatchEvent: () => true,
      addEventListener: (name: string, listener: (event: object) => void) =>
        listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    },
    fetch: (_address: string, init: { redirect?: string }) => answer(init),
    DOMParser: class {
      parseFromString = () => ({ querySelector: () => null });
    },
    Event,
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
  const outage = expect.stringMatching(/^No answer since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.$/) as string;
  expect(page.announced).toEqual(['Copied.', outage]);
  await page.copyLink();
  await page.refresh();
  expect(page.announced).toEqual(['Copied.', outage, 'Copied.', outage]);
});

/** By the Fetch standard: a redirect is followed unless the request says otherwise. */
const toLogin = async ({ redirect }: { redirect?: string }): Promise<Answer> =>
  redirect === 'manual'
    ? { ok: false, status: 0, type: 'opaqueredirect' }
    : { ok: true, status: 200, type: 'basic', redirected: true, text: async () => '<h1>Log in</h1>' };
const refused = async (): Promise<Answer> => ({ ok: false, status: 401, type: 'basic' });

test.each([
  ['a redirect to the login page', toLogin],
  ['a refusal', refused],
])('after the end of a session, %s is announced as a logout with the time of the last figures', async (_, answer) => {
  const page = openPage(answer);
  await page.refresh();
  await page.refresh();
  const logout = expect.stringMatching(/^Logged out at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.$/) as string;
  expect(page.announced).toEqual([logout]);
});
