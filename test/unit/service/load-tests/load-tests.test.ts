import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { openTestStore } from '../../../../service/load-tests/test-store.ts';
import { ChangeRequest } from '../../../../service/history/operator-change.ts';
import { loadTestContent } from '../../../../service/pages/load-test.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { shownFleet } from '../../../support/shown-fleet.ts';
import { fillHistory } from '../../../support/history-entries.ts';
import {
  load,
  start,
  stop,
  page,
  silentBroker,
  type Served,
  served,
  io,
  whatIn,
  untilEnded,
} from '../../../support/served-load-tests.ts';

test('a form is checked against the load test permission of the cluster before it can be confirmed', async () => {
  await using service = await served();
  const plan = async (fields: Record<string, string>) =>
    (await service.ask(`${page}?${String(new URLSearchParams(fields))}`, { headers: service.operator })).text();
  const allowed = await plan(load);
  expect(allowed).toContain('Start the load test of orders');
  expect(allowed).toContain('<button>Start');
  expect(allowed).toContain('Li Lei');
  expect(await plan({ ...load, rates: '100, 900' })).toMatch(/This load test is refused[\s\S]*500/);
  expect(await plan({ ...load, rates: '-1' })).toContain('This load test is refused');
  expect(await plan({ ...load, stepDuration: 'soon' })).toContain('This load test is refused');
  expect(await (await service.ask(`${page}?${String(new URLSearchParams(load))}`)).text()).not.toContain(
    '<button>Start',
  );
});

test.each([
  [{ stepDuration: 30 }, 'stepDuration', 'write it as text, such as 30s'],
  [{ messageSize: 1024 }, 'messageSize', 'write it as text, such as 1KiB'],
  [{ stepDuration: '30' }, 'stepDuration', '"30" is not a duration, such as 20s (units: ms, s, m, h, d)'],
])('an error about a body with %j names the wrong key', (wrong, key, message) => {
  const { error } = ChangeRequest.safeParse({ what: 'load-test-started', cluster: 'orders', rates: [100], ...wrong });
  expect(error?.issues.map((issue) => [issue.path, issue.message])).toEqual([[[key], message]]);
});

test('every wrong field of the form is named by its label, in the language of the page', async () => {
  await using service = await served();
  const wrong = { ...load, rates: 'abc, 100, x', groups: '99' };
  const refusal = async (lang: string) => {
    const query = String(new URLSearchParams({ ...wrong, lang }));
    return (await service.ask(`${page}?${query}`, { headers: service.operator })).text();
  };
  const english = await refusal('en');
  expect(english).toContain('Rate of each step (msg/s): &quot;abc&quot; is not a number');
  expect(english).toContain('Rate of each step (msg/s): &quot;x&quot; is not a number');
  expect(english).toContain('Consumer groups: &quot;99&quot; is not valid (0 to 20)');
  expect(await refusal('zh')).toContain('各台阶速率（条/秒）：“abc”不是数字');
});

test.each([
  [2_500_000, '1000, 2000, 4000, 8000'],
  [500, '62, 125, 250, 500'],
])('without a verdict and with a limit of %d msg/s, the proposed rates start low', async (maxTps, rates) => {
  const { loadTests, statuses } = shownFleet();
  const permitted = {
    ...loadTests,
    permissionOf: () => ({ approver: 'Li Lei', maxTps, maxNicShare: 0.5, topicPrefix: 'plimsoll-' }),
    of: () => undefined,
  };
  const parts = { loadTests: permitted, statuses };
  expect((await loadTestContent('unjudged', new URLSearchParams(), parts)).form.rates).toBe(rates);
});

test('no load test can start without a loadTest block of the cluster', async () => {
  await using service = await served({ isPermitted: false });
  expect(await (await service.ask(page, { headers: service.operator })).text()).toContain('No load test is permitted');
  const refused = await service.send(page, start, service.operator);
  expect([refused.status, service.changes()]).toEqual([409, []]);
});

test.each([
  ['a viewer', {}, 403],
  ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
] as const)('%s can neither start nor stop a load test', async (who, headers, status) => {
  await using service = await served();
  const login = who === 'a viewer' ? {} : service.operator;
  for (const form of [start, stop])
    expect((await service.send(page, form, { ...login, ...headers })).status).toBe(status);
  expect(service.changes()).toEqual([]);
});

test('a test that cannot begin ends with its reason on the page and in the history', async () => {
  await using service = await served();
  expect((await service.send(page, start, service.operator)).status).toBe(303);
  await untilEnded(service.loadTests);
  const [failed, started] = service.changes();
  expect(started).toMatchObject({
    cluster: 'orders',
    by: { name: 'operator', through: 'page' },
    document: { what: 'load-test-started', after: '100, 200 msg/s, 1s each, 500B, groups: 1' },
  });
  // No evidence was recorded: the output of the process has the reason.
  const evidence = `${started?.evidence}.log`;
  expect(failed).toMatchObject({ document: { what: 'load-test-failed' }, evidence });
  expect(existsSync(evidence)).toBe(true);
  const text = await (await service.ask(`${page}?lang=zh`)).text();
  expect(text).toContain('无结论');
  expect(text).toContain('127.0.0.1:1');
});

test('a second start is refused and names who started the first, also after a restart, which can stop it', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  await service.send(page, start, service.operator);
  await service.loadTests.job.run(io);
  const viewer = await (await service.ask(page)).text();
  expect(viewer).toContain('checks before the start');
  expect(viewer).not.toContain('Stop the load test');
  for (const path of [page, '/clusters/logs/load-test']) {
    const refused = await service.send(path, start, service.operator);
    expect(refused.status).toBe(409);
    expect(await refused.text()).toMatch(/a load test( of cluster orders)? is running, started by operator at 20/);
  }
  const restarted = service.reopened();
  await restarted.job.run(io);
  expect(restarted.of('orders')).toMatchObject({ by: 'operator', now: { phase: 'preparing' } });
  restarted.stop('orders', { name: 'anna', through: 'api' });
  expect(() => restarted.stop('orders', { name: 'li', through: 'api' })).toThrow('anna stopped it at');
  await untilEnded(restarted);
  expect(restarted.of('orders')).toMatchObject({
    stop: { by: 'anna' },
    end: { reason: 'stopped by anna' },
  });
  const [ended, stopped, started] = service.changes();
  expect(whatIn(service.changes())).toEqual(['load-test-stopped', 'load-test-stopped', 'load-test-started']);
  expect([stopped, started].map((each) => each?.evidence)).toEqual(Array(2).fill(started?.evidence));
  expect(ended).toMatchObject({
    by: { name: 'anna' },
    evidence: `${started?.evidence}.log`,
    document: { after: 'stopped by anna' },
  });
});

const anna = { name: 'anna', through: 'api' } as const;
const chosen = { rates: [100], stepDuration: '1s', messageSize: '500B', groups: 1 };

test('of two services with one history, the second refuses and shows a load test that the first runs', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  const second = service.beside();
  const shown = async () => (await service.ask('/clusters/orders/load-test', { headers: service.operator })).text();
  expect(await shown()).toContain('name="rates"');
  await second.start('orders', chosen, anna);
  const page = await shown();
  expect(page).toMatch(/A load test of .*orders.* is running, started by .*anna/);
  expect(page).not.toContain('name="rates"');
  for (const cluster of ['orders', 'logs']) {
    const refused = service.loadTests.start(cluster, chosen, { name: 'li', through: 'api' });
    await expect(refused).rejects.toThrow(/a load test( of cluster orders)? is running, started by anna/);
  }
  second.stop('orders', anna);
  await untilEnded(second);
  expect(service.loadTests.underWay()).toEqual([]);
  await service.loadTests.start('orders', chosen, anna);
  service.loadTests.stop('orders', anna);
  await untilEnded(service.loadTests);
});

test('of two simultaneous starts, the one recorded first in the history continues', async () => {
  await using service = await served();
  const second = service.beside((entry, by) => {
    const { history } = service;
    // The other service writes between the check and the entry of this service.
    if (entry.kind === 'change' && entry.document.what === 'load-test-started') {
      history.append({ ...entry, evidence: join(service.folder, 'runs', 'other') }, { name: 'li', through: 'page' });
    }
    return history.append(entry, by);
  });
  await expect(second.start('orders', chosen, anna)).rejects.toThrow('is running, started by li');
  expect(service.changes().map(({ by, document }) => [by.name, 'what' in document && document.what])).toEqual([
    ['anna', 'load-test-failed'],
    ['anna', 'load-test-started'],
    ['li', 'load-test-started'],
  ]);
  expect(second.of('orders')).toBe(undefined);
});

test('a load test of a dead service blocks new ones only until its bundle is unchanged for five minutes', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  const later = { ...systemClock, now: () => new Date(Date.now() + 6 * 60_000) };
  service.history.append(
    {
      kind: 'change',
      cluster: 'orders',
      evidence: join(service.folder, 'gone'),
      document: { what: 'load-test-started' },
    },
    anna,
  );
  expect(service.loadTests.underWay()).toMatchObject([{ cluster: 'orders', by: 'anna' }]);
  expect(service.reopened({ clock: later }).underWay()).toEqual([]);
});

test('a load test that could not be started blocks no other, and its failure is recorded', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  // A file in place of the folder: the output of the process cannot be opened.
  await writeFile(join(service.folder, 'runs'), '');
  await expect(service.loadTests.start('orders', chosen, anna)).rejects.toMatchObject({ code: 'state-unwritable' });
  expect(whatIn(service.changes())).toEqual(['load-test-failed', 'load-test-started']);
  const [failed, started] = service.changes();
  expect(failed).toMatchObject({
    evidence: started?.evidence,
    document: { after: expect.stringContaining('cannot write beside') },
  });
  expect(service.loadTests.underWay()).toEqual([]);
  await rm(join(service.folder, 'runs'));
  await service.loadTests.start('logs', chosen, anna);
  service.loadTests.stop('logs', anna);
  await untilEnded(service.loadTests);
});

/** A folder in place of the file makes the rename fail for every user, as a full disk makes the write fail. */
async function refuseState(folder: string): Promise<void> {
  await rm(join(folder, 'load-tests.json'), { force: true });
  await mkdir(join(folder, 'load-tests.json', 'full'), { recursive: true });
}

test('a load test can be stopped, once, even if the state folder cannot be written', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  const { loadTests } = service;
  await loadTests.start('orders', chosen, anna);
  await refuseState(service.folder);
  expect(() => loadTests.stop('orders', anna)).toThrow(
    expect.objectContaining({
      code: 'state-unwritable',
      message: expect.stringContaining(
        'the load test of cluster orders is ending, but after a restart the service does not know who stopped it: cannot',
      ),
    }),
  );
  expect(whatIn(service.changes())).toEqual(['load-test-stopped', 'load-test-started']);
  expect(() => loadTests.stop('orders', anna)).toThrow('anna stopped it at');
  await expect(untilEnded(loadTests)).rejects.toThrow('cannot write');
  expect(loadTests.of('orders')).toMatchObject({ end: { reason: 'stopped by anna' } });
  expect(whatIn(service.changes())).toEqual(['load-test-stopped', 'load-test-stopped', 'load-test-started']);
});

test('a load test can be stopped while the history is full', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  const { loadTests } = service;
  await loadTests.start('orders', chosen, anna);
  fillHistory(service.history);
  const stopped = await service.send(page, stop, service.operator);
  expect([stopped.status, await stopped.text()]).toEqual([
    409,
    expect.stringContaining('the load test of cluster orders is ending, but this is not on record'),
  ]);
  await expect(untilEnded(loadTests)).rejects.toMatchObject({ code: 'ledger-full' });
  expect(loadTests.of('orders')).toMatchObject({ stop: { by: 'operator' }, end: { reason: 'stopped by operator' } });
});

/** Makes a load test that ended while the service was down. @returns its folder */
async function endedTest(service: Served, { hasBundle = true } = {}): Promise<string> {
  const directory = join(service.folder, 'runs', 'ended');
  await mkdir(directory, { recursive: true });
  if (hasBundle) await writeFile(join(directory, 'run.json'), '{}');
  const startedAt = new Date().toISOString();
  // No process with this pid has the folder in its command line.
  openTestStore(service.folder).keep({
    cluster: 'orders',
    directory,
    pid: process.pid,
    by: anna,
    startedAt,
    load: chosen,
  });
  return directory;
}

const answering = { ask: async () => readAnalysis('load-test') as never };

test('the verdict of a load test is recorded as soon as another process releases the history', async () => {
  await using service = await served();
  const directory = await endedTest(service);
  using other = new DatabaseSync(join(service.folder, 'ledger.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  const loadTests = service.reopened({
    calculator: answering,
    clock: { ...systemClock, sleep: async () => other.exec('COMMIT') },
  });
  await loadTests.job.run(io);
  expect(service.history.entries({ limit: 10 })).toMatchObject([{ kind: 'test', evidence: directory, by: anna }]);
  expect(loadTests.of('orders')).toMatchObject({ end: { verdict: { kind: 'test' } } });
});

test.each([
  ['the verdict', true, 'test'],
  ['the failure', false, 'change'],
] as const)(
  '%s of a load test that ends during a long backup is recorded after the backup',
  async (_, hasBundle, kind) => {
    await using service = await served();
    const directory = await endedTest(service, { hasBundle });
    const evidence = hasBundle ? directory : `${directory}.log`;
    using backup = new DatabaseSync(join(service.folder, 'ledger.sqlite'));
    backup.exec('BEGIN IMMEDIATE');
    const clock = { ...systemClock, sleep: async () => undefined };
    const loadTests = service.reopened({ calculator: answering, clock });
    await expect(loadTests.job.run(io)).rejects.toMatchObject({ code: 'ledger-in-use' });
    expect(loadTests.underWay()).toMatchObject([{ cluster: 'orders', by: 'anna' }]);
    backup.exec('ROLLBACK');
    await loadTests.job.run(io);
    expect(service.history.entries({ limit: 10 })).toMatchObject([{ kind, evidence, by: anna }]);
    expect(loadTests.underWay()).toEqual([]);
  },
);

test('a load test that could not be followed after a restart is stopped and recorded as failed', async () => {
  await using service = await served({ bootstrap: await silentBroker() });
  await refuseState(service.folder);
  await expect(service.loadTests.start('orders', chosen, anna)).rejects.toMatchObject({ code: 'state-unwritable' });
  await expect(untilEnded(service.loadTests)).rejects.toThrow('cannot write');
  expect(service.loadTests.underWay()).toEqual([]);
  expect(whatIn(service.changes())).toEqual(['load-test-failed', 'load-test-started']);
});
