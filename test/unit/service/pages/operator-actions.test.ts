import { expect, test } from 'vitest';
import { serveOperatorPages } from '../../../support/operator-pages.ts';

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

test('a note of an operator is an entry of the history with their name, and only operators have the form', async () => {
  await using service = await served();
  expect(await (await service.ask('/clusters/orders')).text()).not.toContain('Add note');
  expect(await (await service.ask('/clusters/orders', { headers: service.operator })).text()).toContain('Add note');
  const answer = await service.send('/clusters/orders?lang=zh', note, service.operator);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/clusters/orders?lang=zh#ledger']);
  expect(service.entries()).toMatchObject([
    { cluster: 'orders', by: { name: 'operator', through: 'page' }, document: { what: 'annotated', after: note.note } },
  ]);
});

test('an analysis out of turn is recorded, then started', async () => {
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
