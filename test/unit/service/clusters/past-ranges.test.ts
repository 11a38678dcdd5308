import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../analyzer/evidence/sources/config.ts';
import { createPastLoads } from '../../../../service/clusters/past-ranges.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startScriptedHttp, type SentRequest } from '../../../support/scripted-http.ts';

const now = Date.parse('2026-11-21T05:30:00Z');
const clock = { ...createHandClock(), now: () => new Date(now) };
const range = { endMs: now, slotMs: 1_800_000, slots: 336 };

/** Answers as a Prometheus that has three days of messages of two masters and a slave. */
const answer = ({ parameters: { query = '', start, end, step } }: SentRequest): string => {
  const names = query.includes('rocketmq_broker_put_messages_total{') ? ['broker-a:0', 'broker-a:1', 'broker-b:0'] : [];
  const since = now / 1000 - 3 * 86_400;
  const values: [number, string][] = [];
  for (let time = Number(start); time <= Number(end); time += Number(step)) if (time > since) values.push([time, '50']);
  const result = names.map((broker) => ({ metric: { cluster: 'orders', broker }, values }));
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
};

const servedAt = (url: string) => ({
  name: 'orders',
  broker: 'rocketmq' as const,
  last: () => undefined,
  source: { name: 'prom', config: PrometheusTelemetry.parse({ kind: 'prometheus', url }), cluster: 'orders' },
});

test('the load of a week is the sum of the masters per slot and unknown before the first scrape', async () => {
  await using server = await startScriptedHttp((one, response) => void response.end(answer(one)));
  const told = await createPastLoads(clock)(servedAt(server.url), range);
  if (told.kind !== 'answered') throw new Error(JSON.stringify(told));
  const { produced = [] } = told.answer;
  expect(produced).toHaveLength(336);
  expect([produced[0], produced.at(-1)]).toEqual([undefined, 100]);
  expect(produced.filter((value) => value !== undefined)).toHaveLength(3 * 48);
});

test('the same range queries the source once, also for two concurrent readers', async () => {
  await using server = await startScriptedHttp((one, response) => void response.end(answer(one)));
  const loads = createPastLoads(clock);
  const served = servedAt(server.url);
  await Promise.all([loads(served, range), loads(served, range)]);
  const requests = server.asked.length;
  await loads(served, range);
  expect(server.asked.length).toBe(requests);
});

test('a failing source is a reason and not an error; a cluster without a source returns no-source', async () => {
  await using server = await startScriptedHttp((_, response) => void response.writeHead(503).end('down'));
  const told = await createPastLoads(clock)(servedAt(server.url), range);
  expect(told).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('503') });
  const { source: _, ...without } = servedAt(server.url);
  expect(await createPastLoads(clock)(without, range)).toEqual({ kind: 'no-source' });
});

test('a failure while the clock was far ahead, such as an expired certificate, is retried once it is right', async () => {
  let isRight = false;
  await using server = await startScriptedHttp((one, response) =>
    isRight ? void response.end(answer(one)) : void response.writeHead(503).end('down'),
  );
  const hand = createHandClock(now / 1000);
  hand.suspend(365 * 86_400);
  const loads = createPastLoads(hand);
  expect(await loads(servedAt(server.url), range)).toMatchObject({ kind: 'unanswered' });
  hand.suspend(-365 * 86_400);
  hand.advance(60);
  isRight = true;
  expect(await loads(servedAt(server.url), range)).toMatchObject({ kind: 'answered' });
});

test.each([
  ['receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable', 'unanswered'],
  // Returned for the days before its first sample.
  ['No StoreAPIs matched for this query', 'answered'],
  ['PromQL info: metric might not be a counter', 'answered'],
])('a Thanos response with the warning "%s" is %s', async (warning, kind) => {
  await using server = await startScriptedHttp((one, response) => {
    response.end(JSON.stringify({ ...(JSON.parse(answer(one)) as object), warnings: [warning] }));
  });
  expect(await createPastLoads(clock)(servedAt(server.url), range)).toMatchObject({ kind });
});

test('a source that needs 10 s delays the first page by 6 s and the next page not at all', async () => {
  await using server = await startScriptedHttp(
    (one, response) => void setTimeout(() => response.end(answer(one)), 10_000),
  );
  const loads = createPastLoads(clock);
  const timed = async () => {
    const began = performance.now();
    const told = await loads(servedAt(server.url), range);
    return { told, seconds: (performance.now() - began) / 1000 };
  };
  const first = await timed();
  expect(first.told).toMatchObject({
    kind: 'unanswered',
    reason: expect.stringContaining('did not answer within 6 s'),
  });
  expect(first.seconds).toBeLessThan(8);
  const requests = server.asked.length;
  expect((await timed()).seconds).toBeLessThan(1);
  expect(server.asked.length).toBe(requests);
});
