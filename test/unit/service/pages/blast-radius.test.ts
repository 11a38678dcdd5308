import express from 'express';
import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createCalculator, type Calculator } from '../../../../service/calculation/calculator.ts';
import { createBlastRadiusPage } from '../../../../service/pages/blast-radius.ts';
import { plannedCluster } from '../../../support/cluster-plan.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

const plan = plannedCluster({ broker: 'kafka' });
plan.promise.safeTps = { low: 11_000, mid: 11_000, high: 11_000 };
const entries: HistoryEntry[] = [
  { kind: 'plan', id: 3, at: '2026-11-09T12:00:00.000Z', by: { name: 'anna', through: 'cli' }, document: plan },
  {
    kind: 'plan',
    id: 5,
    at: '2026-11-09T12:00:00.000Z',
    by: { name: 'anna', through: 'cli' },
    document: { ...plan, domains: plan.domains.map((each) => ({ ...each, order: 'global' as const })) },
  },
];

async function get(path: string, calculator: Calculator): Promise<{ status: number; text: string }> {
  const history = { entry: (id: number) => entries.find((each) => each.id === id) };
  const site = { prefix: '', sections: [] };
  const app = express().get(
    '/sizing/:id/blast-radius',
    createBlastRadiusPage({ history, calculator, policy: examplePolicy() }, site),
  );
  await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const answer = await fetch(new URL(path, server.url));
  return { status: answer.status, text: (await answer.text()).replaceAll(/\s+/g, ' ') };
}

test('the page shows the hours in which a failure has an effect and the worst of them, in both languages', async () => {
  await using calculator = createCalculator();
  const { status, text } = await get('/sizing/3/blast-radius?lang=en', calculator);
  expect(status).toBe(200);
  expect(text).toContain('Failures with lag, lost messages or a broker above its policy limit in some hour: 6 of 6.');
  const peak = plan.domains.reduce((sum, { peakTps }) => sum + peakTps.mid, 0).toLocaleString('en');
  expect(text).toContain(`Simulated day: that of the planned peak, ${peak} msg/s (demand: expected).`);
  expect(text).toContain('The plan claims to survive a failure that it does not survive.');
  expect(text).toMatch(/title="20:00: a broker is above its policy limit"> ?O ?</);
  // delivery.timeout.ms of Kafka's producer.
  expect(text).toContain('A message that no broker accepts within 2 min counts as rejected.');
  expect(text).toMatch(/title="03:\d\d: messages wait for a new leader, or go to other brokers"> ?d ?</);
  expect(text).toContain('One controller of 3 lost: no effect while the others serve');
  const { text: chinese } = await get('/sizing/3/blast-radius?lang=zh&for=300&world=low', calculator);
  expect(chinese).toContain('故障影响范围');
  expect(chinese).toContain('<strong aria-current="true">5 分钟</strong>');
});

test('a plan with one globally ordered queue is not simulated', async () => {
  await using calculator = createCalculator();
  const { status, text } = await get('/sizing/5/blast-radius?lang=en', calculator);
  expect([status, text.includes('Its one queue cannot be simulated.')]).toEqual([200, true]);
});

test('an unknown plan is 404, and a busy calculator results in an error page', async () => {
  const refusing = (code: 'service-busy' | 'calculation-too-long'): Calculator => ({
    ask: () => Promise.reject(new AppError(code, 'no time')),
    async [Symbol.asyncDispose]() {},
  });
  expect((await get('/sizing/4/blast-radius', refusing('service-busy'))).status).toBe(404);
  expect((await get('/sizing/x/blast-radius', refusing('service-busy'))).status).toBe(404);
  expect(await get('/sizing/3/blast-radius?lang=en', refusing('service-busy'))).toMatchObject({
    status: 503,
    text: expect.stringContaining('busy with other users') as string,
  });
  expect(await get('/sizing/3/blast-radius?lang=en', refusing('calculation-too-long'))).toMatchObject({
    status: 503,
    text: expect.stringContaining('which has no limit') as string,
  });
});
