import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../../analyzer/evidence/sources/config.ts';
import type { Conversation } from '../../../../../analyzer/evidence/sources/range-query.ts';
import { planReading, refuseTooMuch } from '../../../../../analyzer/evidence/sources/reading-plan.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { startScriptedHttp } from '../../../../support/scripted-http.ts';

/** A Prometheus with three figures of each broker (messages, bytes, restarts), scraped once a minute. */
async function planned(
  brokers: number,
  {
    isRefused = () => false,
    ...over
  }: {
    coarserIfNeeded?: boolean;
    /** Queries that are answered with HTTP 503. */
    isRefused?: (query: string) => boolean;
  } = {},
) {
  await using server = await startScriptedHttp(({ path, parameters }, response) => {
    const { query = '', start, end, step } = parameters;
    if (path.endsWith('/values')) {
      const data = ['kafka_broker_messages_in_total', 'kafka_broker_bytes_in_total'];
      response.end(JSON.stringify({ status: 'success', data }));
      return;
    }
    if (isRefused(query)) {
      response.writeHead(503).end('no healthy upstream');
      return;
    }
    const values: [number, string][] = [];
    for (let time = Number(start); time <= Number(end); time += Number(step)) values.push([time, '10']);
    const names = query.includes('count_over_time') ? [''] : Array.from({ length: brokers }, (_, id) => String(id + 1));
    const result = names.map((broker) => ({ metric: { cluster: 'orders', broker }, values }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  const talk: Conversation = {
    source: PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url }),
    name: 'prod',
    clock: createHandClock(),
    signal: AbortSignal.timeout(10_000),
    requests: 0,
    wireBytes: 0,
    failedInARow: 0,
  };
  const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-08T00:00:00Z')];
  return await planReading(talk, { from, to, stepSeconds: 60, cluster: 'orders', ...over });
}

test('a week of a large cluster is read in longer intervals, with a note', async () => {
  // 3 figures × 250 brokers × 10,080 minutes are 7.6 million values, of which 3 are held.
  const plan = await planned(250, { coarserIfNeeded: true });
  expect(plan.window.stepSeconds).toBe(180);
  expect(plan.findings.map(({ code }) => code)).toContain('source-step-longer');
  expect(() => refuseTooMuch(plan)).not.toThrow();
});

test('a small cluster keeps the step that was wanted', async () => {
  const plan = await planned(20, { coarserIfNeeded: true });
  expect(plan.window.stepSeconds).toBe(60);
  expect(plan.findings.map(({ code }) => code)).not.toContain('source-step-longer');
});

test('a step that somebody asked for is refused with the one that fits', async () => {
  const plan = await planned(250);
  expect(() => refuseTooMuch(plan)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('step of 152 s') }),
  );
});

test.each<[string, (query: string) => boolean]>([
  ['its presence', (query) => query.includes('(rate(kafka_broker_bytes_in_total')],
  ['its scrape interval', (query) => query.includes('count_over_time(kafka_broker_bytes_in_total')],
])('a figure is not missing when the query for %s has no answer: a finding states the gap', async (_, isRefused) => {
  const { findings, choices } = await planned(3, { isRefused });
  expect(choices.map(({ candidate }) => candidate.figure)).not.toContain('bytesInPerSecond');
  expect(findings).toMatchObject([
    {
      code: 'source-gap',
      message: expect.stringMatching(/^prod returned no bytesInPerSecond from .*: HTTP 503\./) as string,
    },
  ]);
});

test('a server that answers with names only is not one without series', async () => {
  await expect(planned(3, { isRefused: (query) => !query.includes('count_over_time') })).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('HTTP 503') as string,
  });
});
