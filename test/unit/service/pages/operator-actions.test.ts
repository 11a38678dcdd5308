import { expect, test } from 'vitest';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { pages } from '../../../../service/pages/registry.ts';
import type { PagesParts } from '../../../../service/pages/router.ts';
import { fillHistory } from '../../../support/history-entries.ts';
import { serveOperatorPages } from '../../../support/operator-pages.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { storedTopics } from '../../../support/stored-topics.ts';

async function served() {
  const asked: string[] = [];
  const jobs = ['analysis', 'forecast'].map((name) => ({ name, cluster: 'orders', isRunning: false }));
  const schedule = {
    states: () => jobs,
    ask(name: string, cluster?: string) {
      asked.push(`${name} ${cluster}`);
      return true;
    },
  };
  const pages = await serveOperatorPages(() => ({ schedule }));
  return { ...pages, asked, entries: () => pages.history.entries({ kinds: ['change'], limit: 10 }) };
}
const note = { what: 'annotated', note: 'disk of broker-a is replaced' };

test('a note of an operator is recorded with their name, and only operators see the form', async () => {
  await using service = await served();
  expect(await (await service.ask('/clusters/orders')).text()).not.toContain('Add note');
  expect(await (await service.ask('/clusters/orders', { headers: service.operator })).text()).toContain('Add note');
  const answer = await service.send('/clusters/orders?lang=zh', note, service.operator);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/clusters/orders?lang=zh#ledger']);
  expect(service.entries()).toMatchObject([
    { cluster: 'orders', by: { name: 'operator', through: 'page' }, document: { what: 'annotated', after: note.note } },
  ]);
});

test('a requested analysis is recorded and started', async () => {
  await using service = await served();
  await service.send('/clusters/orders', { what: 'analysis-asked', job: 'analysis' }, service.operator);
  expect(service.asked).toEqual(['analysis orders']);
  expect(service.entries()).toMatchObject([{ document: { what: 'analysis-asked', after: 'analysis' } }]);
});

test.each([
  ['a viewer', '/clusters/orders', {}, note, 403],
  ['a page of another site', '/clusters/orders', { 'Sec-Fetch-Site': 'cross-site' }, note, 403],
  ['a form for an unknown cluster', '/clusters/nowhere', {}, note, 404],
  ['a form with an unknown field', '/clusters/orders', {}, { ...note, role: 'admin' }, 404],
  ['an empty note', '/clusters/orders', {}, { what: 'annotated', note: '' }, 404],
] as const)('%s changes nothing', async (who, path, headers, body, status) => {
  await using service = await served();
  const login = who === 'a viewer' ? {} : service.operator;
  expect((await service.send(path, body, { ...login, ...headers })).status).toBe(status);
  expect([service.entries(), service.asked]).toEqual([[], []]);
});

test('a note that is too large or does not fit on the disk is answered with the reason, and logged only then', async () => {
  const logged: unknown[] = [];
  const log = { error: (_: object, text: string) => logged.push(text) } as unknown as PagesParts['log'];
  await using service = await serveOperatorPages(() => ({ log }));
  const statusAndText = async (body: Record<string, string>) => {
    const answer = await service.send('/clusters/orders', body, service.operator);
    return [answer.status, await answer.text()];
  };
  const tooLarge = { ...note, note: 'x'.repeat(300_000) };
  expect(await statusAndText(tooLarge)).toEqual([413, expect.stringContaining('more than 256 KiB')]);
  const manyFields = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`a${index}`, '']));
  expect(await statusAndText(manyFields)).toEqual([413, expect.stringContaining('too many fields')]);
  expect(logged).toEqual([]);
  fillHistory(service.history);
  expect(await statusAndText(note)).toEqual([507, expect.stringContaining('disk is full')]);
  expect(logged).toEqual(['cannot create page']);
});

const place = { topic: 'orders', partition: 0 };

/** Serves the pages of a cluster with one topic. */
function servedShop(lookUp: () => Promise<ClusterLookup>) {
  const partition = { ...place, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] };
  const snapshot = {
    cluster: { name: 'shop', kind: 'kafka' as const, brokers: [] },
    topics: [{ name: 'orders', internal: false, partitions: [partition] }],
    offsets: [],
    groups: [],
    sections: [],
  };
  const shop = servedCluster('shop', { last: () => ({ snapshot, at: new Date() }), lookUp });
  return serveOperatorPages(() => ({ clusters: new Map([['shop', shop]]) }));
}

test('the newest messages refresh, even after a failed reading, while those from a fixed offset do not', async () => {
  await using service = await servedShop(() => Promise.reject(new Error('broker 1 refused the connection')));
  const page = async (query: string) =>
    (await service.ask(`/clusters/shop/topics/orders/messages?${query}`, { headers: service.operator })).text();
  expect(await page('from=newest')).toMatch(
    /<div data-live="messages-trouble"><p class="verdict invalid">\s*.*broker 1 refused the connection[^]*<div data-live="messages" data-unanswered><\/div>/,
  );
  expect(await page('from=offset&offset=0')).not.toContain('data-live="messages"');
});

test('an export has every header of a message, including repeated names', async () => {
  const properties = ['paid', 'billed'].map((hop) => ['hop', Buffer.from(hop)] as const);
  const stored = { ...place, offset: 0n, value: Buffer.from('{}'), properties, facts: {} };
  const lookup = { ...storedTopics({ orders: [[stored]] }).lookup, [Symbol.asyncDispose]: async () => {} };
  await using service = await servedShop(async () => lookup as unknown as ClusterLookup);
  const answer = await service.send(
    '/clusters/shop/topics/orders/messages',
    { from: 'offset', offset: '0' },
    service.operator,
  );
  expect(JSON.parse(await answer.text())).toMatchObject({
    headers: [
      { name: 'hop', value: 'paid' },
      { name: 'hop', value: 'billed' },
    ],
  });
});

/** Follows the Fetch standard; a page loaded over plain HTTP gets no Sec-Fetch-Site. */
const originSentBy = ({ headers, url }: Response) =>
  headers.get('referrer-policy') === 'no-referrer' ? 'null' : new URL(url).origin;

test('a browser that sends only the origin can send the form of every page', async () => {
  await using service = await served();
  for (const { path } of pages.filter(({ submit }) => submit !== undefined)) {
    const page = await service.ask(path.replace(':cluster', 'orders'), { headers: service.operator });
    expect([path, originSentBy(page)]).toEqual([path, new URL(page.url).origin]);
  }
  const page = await service.ask('/clusters/orders', { headers: service.operator });
  const send = (Origin: string) => service.send('/clusters/orders', note, { ...service.operator, Origin });
  expect((await send(originSentBy(page))).status).toBe(303);
  expect((await send('null')).status).toBe(403);
});

const keptIn = (page: string) =>
  /name="kept" value="([^"]*)"/
    .exec(page)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&') ?? '';
const text = `磁盘 "sdb" <b>&amp; 已更换\n`.repeat(90);

test('text entered before a session ended is kept, refilled after the login, and then recorded', async () => {
  await using service = await served();
  const expired = { cookie: 'plimsoll-session-1=1.x' };
  const refused = await service.send('/clusters/orders?lang=zh', { what: 'annotated', note: text }, expired);
  expect([refused.status, refused.headers.get('cache-control')]).toEqual([403, 'no-store']);
  const page = await refused.text();
  expect(page).toContain('未做任何更改');
  expect(page).toContain('&lt;b&gt;&amp;amp; 已更换');
  const kept = keptIn(page);
  const wrong = await service.send('/login?lang=zh', { token: 'guessed', kept });
  expect([wrong.status, keptIn(await wrong.text())]).toEqual([403, kept]);
  const loggedIn = await service.send('/login?lang=zh', { token: service.token.text, kept });
  expect(loggedIn.status).toBe(200);
  const [cookie = ''] = loggedIn.headers.get('set-cookie')?.split(';') ?? [];
  const filled = await loggedIn.text();
  expect(filled).toMatch(/<form method="post" action="\/clusters\/orders\?lang=zh">/);
  expect(filled).toContain('<input type="hidden" name="what" value="annotated" />');
  const { fields } = JSON.parse(kept) as { fields: [string, string][] };
  expect((await service.send('/clusters/orders?lang=zh', Object.fromEntries(fields), { cookie })).status).toBe(303);
  expect(service.entries()[0]).toMatchObject({ document: { what: 'annotated', after: text } });
});

test.each(['//evil.example/', '/\\evil.example/', 'https://evil.example/', 'javascript:alert(1)'])(
  'a kept form that points to %s is dropped',
  async (action) => {
    await using service = await served();
    const kept = JSON.stringify({ action, fields: [['note', 'x']] });
    const answer = await service.send('/login', { token: service.token.text, kept });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  },
);

test('notes of two operators on one page are both recorded, and the page shows both', async () => {
  await using service = await served();
  await Promise.all(
    ['first', 'second'].map((each) =>
      service.send('/clusters/orders', { what: 'annotated', note: each }, service.operator),
    ),
  );
  const page = await (await service.ask('/clusters/orders', { headers: service.operator })).text();
  for (const each of ['first', 'second']) expect(page).toContain(each);
  expect(service.entries()).toHaveLength(2);
});
