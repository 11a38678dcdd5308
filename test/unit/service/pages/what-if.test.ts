import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import express from 'express';
import { expect, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import { AppError } from '../../../../core/errors.ts';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import { emptyState } from '../../../../dashboards/web/layout.ts';
import { whatIfLanguages } from '../../../../dashboards/web/what-if/what-if-texts.ts';
import { calculate, type Question } from '../../../../service/calculation/calculation.ts';
import { createWhatIfPage, whatIfContent, type WhatIfParts } from '../../../../service/pages/what-if.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { hostileName } from '../../../support/shown-fleet.ts';
import { ruleOfThree } from '../../../support/shown-what-if.ts';

const document = readAnalysis('load-test');
const test1: HistoryEntry = {
  kind: 'test',
  id: 1,
  at: '2026-11-09T12:00:00.000Z',
  by: { name: 'anna', through: 'cli' },
  cluster: 'orders',
  document,
  evidence: resolve('examples/load-test'),
};
const partsOf = (over: Partial<WhatIfParts> = {}): WhatIfParts => ({
  history: { entries: ({ cluster }) => (cluster === 'orders' ? [test1] : []) },
  calculator: ruleOfThree(),
  policy: examplePolicy(),
  clusters: new Map([
    ['orders', { broker: 'kafka' }],
    ['empty', { broker: 'kafka' }],
    [hostileName, { broker: 'kafka' }],
  ]),
  ...over,
});
const { signal } = new AbortController();
const ask = (query: string, parts = partsOf()) => whatIfContent('orders', new URLSearchParams(query), parts, signal);

async function page(query: string, parts = partsOf()): Promise<{ status: number; text: string }> {
  const app = express().get('/what-if', createWhatIfPage(parts, { prefix: '/p', sections: [] }));
  const server = createServer(app).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/what-if?${query}`);
    return { status: response.status, text: (await response.text()).replaceAll(/\s+/g, ' ') };
  } finally {
    server.close();
  }
}

test('an unknown disk use is listed, and qualifies the probability of the bottleneck', async () => {
  const finding = document.findings.find(({ code }) => code === 'disk-unknown');
  expect(finding).toBeDefined();
  const { text } = await page('cluster=orders&messageBytes=4KiB&lang=en');
  expect(text).toContain('disk-io: unknown, with the measured and with the changed workload.');
  expect(text).toContain('Valid only if the disks do not limit');
  const known: HistoryEntry = { ...test1, document: { ...document, findings: [] } };
  const other = await page('cluster=orders&lang=en', partsOf({ history: { entries: () => [known] } }));
  expect(other.text).not.toContain('disk-io: unknown');
});

test('the what-if result and the measured result come from one calculation', async () => {
  const calculator = ruleOfThree();
  const { answer, fields } = await ask('messageBytes=4KiB&nic=10gbit', partsOf({ calculator }));
  expect(calculator.asked).toMatchObject([{ alternatives: [{}, { messageBytes: 4096, nic: 10e9 }] }]);
  expect(answer).toMatchObject({
    kind: 'answered',
    test: { id: 1 },
    now: { safeMaxTps: document.safeMaxTps },
    otherwise: { carried: [{ quantity: 'messageBytes' }, { quantity: 'nic' }] },
  });
  expect(fields.find(({ name }) => name === 'nic')).toMatchObject({ value: 10e9, measured: 50e6 });
});

test('a test with a broker down is skipped in favour of an older test of all brokers', async () => {
  const degraded = { lost: ['2'], waitedSeconds: 3, copies: 2 };
  const newer: HistoryEntry = { ...test1, id: 2, document: { ...document, degraded } };
  const { answer } = await ask('', partsOf({ history: { entries: () => [newer, test1] } }));
  expect(answer).toMatchObject({ kind: 'answered', test: { id: 1 } });
  const alone = await ask('', partsOf({ history: { entries: () => [newer] } }));
  expect(alone.answer).toEqual({ kind: 'no-test' });
});

test('a real run is extrapolated as by the command', async () => {
  const calculator = { ask: ((question: Question) => calculate(question)) as WhatIfParts['calculator']['ask'] };
  const { answer } = await ask('messageBytes=1000', partsOf({ calculator }));
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  expect(answer.otherwise?.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-out' } });
  expect(answer.now.limits.length).toBeGreaterThan(1);
});

test.each([
  ['messageBytes=-1', 'messageBytes', 'size'],
  ['messageBytes=0', 'messageBytes', 'bounds'],
  ['messageBytes=2GiB', 'messageBytes', 'bounds'],
  ['groups=1e9', 'groups', 'bounds'],
  ['groups=2.5', 'groups', 'whole'],
  ['brokers=Infinity', 'brokers', 'number'],
  ['brokers=0x10', 'brokers', 'number'],
  ['compression=0', 'compression', 'bounds'],
  ['nic=fast', 'nic', 'speed'],
  ['nic=1', 'nic', 'bounds'],
  ['acks=maybe', 'acks', 'choice'],
  [`disks=${encodeURIComponent('<script>alert(1)</script>')}`, 'disks', 'number'],
  ['replicas=9', 'replicas', 'copies'],
  ['brokers=2&replicas=3', 'replicas', 'copies'],
])('%s shows an error at the field and no result', async (query, name, fault) => {
  const { fields, answer } = await ask(query);
  expect(fields.filter((field) => field.fault !== undefined)).toMatchObject([{ name, fault }]);
  expect(answer).toMatchObject({ kind: 'answered' });
  expect(answer).not.toHaveProperty('otherwise');
  for (const language of ['en', 'zh'] as const) {
    const { status, text } = await page(`cluster=orders&${query}&lang=${language}`);
    expect(status).toBe(200);
    expect(text).toContain(`id="fault-${name}" data-part="fault-${name}"><bdi>`);
    expect(text).toContain('aria-invalid="true"');
    expect(text).toContain(whatIfLanguages[language].pending);
    expect(text).not.toContain('<script>alert');
  }
});

test('a refusal by the calculation is shown with its message', async () => {
  const calculator = {
    ask: (async ({ alternatives }: { alternatives: object[] }) => {
      if (alternatives.length > 1) throw new AppError('usage', '--what-if: replicas: no slave', { hint: 'test one' });
      return [{ limits: [], binding: [], carried: [], measured: {} }];
    }) as unknown as WhatIfParts['calculator']['ask'],
  };
  const { text } = await page('cluster=orders&replicas=2', partsOf({ calculator }));
  expect(text).toContain('replicas: no slave; test one');
  expect(text).not.toContain('--what-if');
});

test('the page explains a cluster without a test, a busy calculator and a missing cluster', async () => {
  const words = whatIfLanguages.en;
  expect((await page('cluster=empty')).text).toContain(emptyState(words.noTest).text);
  expect(await page('cluster=nowhere')).toMatchObject({ status: 404 });
  const calculator = { ask: () => Promise.reject(new AppError('service-busy', 'four wait')) };
  const busy = await page('cluster=orders&groups=2', partsOf({ calculator }));
  expect(busy.status).toBe(503);
  expect(busy.text).toContain(words.busy);
  const slow = { ask: () => Promise.reject(new AppError('calculation-too-long', 'not within 20 s')) };
  const long = await page('cluster=orders', partsOf({ calculator: slow }));
  expect(long.status).toBe(200);
  expect(long.text).toContain(emptyState(words.tooLong).text);
  expect((await page(`cluster=${encodeURIComponent(hostileName)}`)).text).not.toContain('<script>alert');
  const choice = (await page('')).text;
  expect(choice).toContain('<option>orders</option>');
  expect(choice).toContain('&lt;script&gt;alert(1)');
});

test("every link and the form keep the path prefix and the reader's choices", async () => {
  const { text } = await page('cluster=orders&groups=2&lang=zh&theme=dark');
  const links = [...text.matchAll(/(?:href|action)="([^"#][^"]*)"/g)].map(([, to]) => to);
  expect(links.filter((to) => !to?.startsWith('/p/') && to !== '/p')).toEqual([]);
  expect(text).toContain('<input type="hidden" name="theme" value="dark" />');
});
