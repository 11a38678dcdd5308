import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

const assetOf = (name: string) =>
  readFileSync(new URL(`../../../../../dashboards/web/assets/${name}`, import.meta.url), 'utf8');
const script = assetOf('page.js');

class Element {
  readonly dataset: Record<string, string> = {};
  isHidden = false;
  closest = () => this;
  setAttribute(name: string) {
    this.isHidden ||= name === 'hidden';
  }
}

/** The fields of a fetch response that the script reads. */
interface Answer {
  ok: boolean;
  status: number;
  type: string;
  redirected?: boolean;
  text?: () => Promise<string>;
}
type Init = { redirect?: string; signal?: AbortSignal };
const noAnswer = () => Promise.reject<Answer>(new TypeError('Failed to fetch'));

const clipboard = { writeText: async () => {} };
/** The type of the navigation, and what the browser offers. */
interface Visit {
  type?: 'navigate' | 'back_forward';
  navigator?: object;
  /** A refreshing part, and the same part in the next page. */
  part?: object;
  next?: object;
}

/** Runs the script with the browser functions that it uses; by default the service does not respond. */
function openPage(
  answer: (init: Init) => Promise<Answer> = noAnswer,
  { type = 'navigate', navigator = { clipboard }, part, next }: Visit = {},
) {
  const limit = new AbortController();
  const copyButton = new Element();
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
    AbortSignal: { timeout: () => limit.signal },
    Date,
    Element,
    Intl,
    document: {
      hidden: false,
      documentElement: { dataset: {} },
      getElementById: () => notice,
      querySelector: (selector: string) => (selector === '[data-live]' ? {} : null),
      querySelectorAll: (selector: string) => {
        if (selector === '[data-live]' && part !== undefined) return [part];
        return selector.includes('[data-copy]') ? [copyButton] : [];
      },
      dispatchEvent: () => true,
      addEventListener: (name: string, listener: (event: object) => void) =>
        listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    },
    fetch: (_address: string, init: Init) => answer(init),
    DOMParser: class {
      parseFromString = () => ({ querySelector: () => next ?? null });
    },
    Event,
    location: { href: 'http://127.0.0.1/' },
    navigator,
    performance: { now: () => 0, getEntriesByType: () => [{ type }] },
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
    copyButton,
    async timeOut() {
      limit.abort(new DOMException('signal timed out', 'TimeoutError'));
      await setImmediate();
    },
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

test('an outage is announced once, and again after another announcement', async () => {
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

test('a service that accepts a request and never responds is announced as an outage', async () => {
  const page = openPage(
    ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as DOMException))),
  );
  await page.refresh();
  expect(page.announced).toEqual([]);
  await page.timeOut();
  expect(page.announced).toEqual([expect.stringMatching(/^No answer since /)]);
});

test.each([
  [['data-unanswered'], [], 0],
  [['data-unanswered'], ['data-unanswered'], 1],
  [[], [], 1],
])(
  'a part with attributes %j replaces a part with %j %d times, so a failed read keeps the last figures',
  async (now, before, taken) => {
    let compared = 0;
    const having = (names: readonly string[]) => ({
      getAttribute: () => 'messages',
      hasAttribute: (name: string) => names.includes(name),
      isEqualNode: () => {
        compared += 1;
        return true;
      },
    });
    const answer = async () => ({ ok: true, status: 200, type: 'basic', text: async () => '' });
    const page = openPage(answer, { part: having(before), next: having(now) });
    await page.refresh();
    expect(compared).toBe(taken);
  },
);

test.each([
  ['navigate', 0],
  ['back_forward', 1],
] as const)(
  'a page opened by a navigation of type %s refreshes %d times immediately, since it may be a cached page',
  (type, times) => {
    let asked = 0;
    openPage(
      () => {
        asked += 1;
        return noAnswer();
      },
      { type },
    );
    expect(asked).toBe(times);
  },
);

test('copy buttons are hidden if the browser has no clipboard, as over plain HTTP', () => {
  expect(openPage(noAnswer, { navigator: {} }).copyButton.isHidden).toBe(true);
  expect(openPage().copyButton.isHidden).toBe(false);
});

/** A redirect is followed unless the request states otherwise (Fetch standard). */
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

test('a live tail names each unread partition once, and a lost connection', () => {
  const status = { textContent: '' };
  const dataset = { tail: '/tail', running: 'Live.', unread: 'Messages may be missing: {reason}.', lost: 'Lost.' };
  type Listener = (event: { data: string }) => void;
  const listeners = new Map<string, Listener>();
  runInNewContext(assetOf('tail.js'), {
    document: { getElementById: () => ({ dataset, querySelector: () => status }) },
    EventSource: class {
      addEventListener = (name: string, listener: Listener) => void listeners.set(name, listener);
      close = () => undefined;
    },
  });
  const notices = ['partition 0 was not read: no leader', 'partition 1 was not read: remark $& of the broker'];
  for (const data of [...notices, ...notices]) listeners.get('unread')?.({ data });
  expect(status.textContent).toBe(`Live. Messages may be missing: ${notices.join('; ')}.`);
  listeners.get('error')?.({ data: '' });
  expect(status.textContent).toBe('Lost.');
});
