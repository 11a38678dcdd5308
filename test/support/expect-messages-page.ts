// Checks the messages page of a served cluster: roles, masked fields, one value, live tail, the export and its history entry.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { servePlimsoll, type ServedPlimsoll } from './served-plimsoll.ts';

/**
 * @param cluster of the config, filled by `lab seed`
 * @param queue of seed-orders, as pages name it
 */
export async function expectMessagesPage(cluster: object, queue: string, config: ClusterConfig): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-messages-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plimsoll.yaml');
  const service = { messages: { mask: [{ topics: 'seed-orders', fields: ['Filling'] }] } };
  await writeFile(file, stringify({ clusters: { lab: cluster }, service }));
  const served = opened.use(await servePlimsoll(['--config', file, '--state-dir', join(folder, 'state')]));
  const operator = await served.operator();
  const path = (topic: string, query = '') => `/clusters/lab/topics/${topic}/messages${query}`;
  const page = async (topic: string, query?: string) => {
    const response = await served.get(path(topic, query), { headers: operator });
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return response.text();
  };
  await served.until('/clusters/lab/topics', (text) => (text.includes('seed-orders') ? text : undefined));

  const refused = await served.get(path('seed-orders'));
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('Only operators can read messages');

  const place = `?from=offset&offset=7&partition=${encodeURIComponent(queue)}`;
  const list = await page('seed-orders', place);
  expect(list).toContain('(partitions: 1)');
  expect(list).not.toContain('&quot;index&quot;');
  const one = await page('seed-orders', `${place}&show=${encodeURIComponent(`${queue}@7`)}`);
  expect(one).toContain('&quot;index&quot;: 7');
  expect(one).toContain('•••');
  expect(one).not.toContain('xxxxxxxx');
  expect(await page('seed-orders', '?text=index')).toContain('you cannot search for text in values');
  expect(await page('seed-payments', '?text=%22index%22:3,')).toContain('Show value');
  expect(await page('seed-orders', '?from=time')).toContain('Enter a time');

  await expectTail(served, operator, config);

  const exporting = (headers: Record<string, string>) =>
    served.get(path('seed-orders'), {
      method: 'POST',
      headers,
      body: new URLSearchParams({ from: 'offset', offset: '0' }),
    });
  expect((await exporting({})).status).toBe(403);
  const foreign = await exporting({ ...operator, 'Sec-Fetch-Site': 'cross-site' });
  expect(foreign.status).toBe(403);
  const exported = await exporting(operator);
  expect(exported.headers.get('content-disposition')).toBe('attachment; filename=seed-orders.ndjson');
  const lines = (await exported.text()).trimEnd().split('\n');
  expect(lines).toHaveLength(1000);
  for (const line of lines) {
    const { text } = JSON.parse(line) as { text: string };
    expect(JSON.parse(text)).toMatchObject({ topic: 'seed-orders', filling: '•••' });
  }
  const history = await (await served.get('/api/v1/ledger', { headers: operator })).text();
  expect(history).toContain('1,000 messages of topic seed-orders');
  expect(history.match(/messages-exported/g)).toHaveLength(1);
}

/** Checks that only messages sent while a tail is open arrive as rows, without their values. */
async function expectTail(
  served: ServedPlimsoll,
  operator: Record<string, string>,
  config: ClusterConfig,
): Promise<void> {
  const tail = (topic: string, query = '') => `/clusters/lab/topics/${topic}/messages/tail${query}`;
  expect((await served.get(tail('seed-payments'))).status).toBe(403);
  expect((await served.get(tail('no-such'), { headers: operator })).status).toBe(404);
  expect((await served.get(tail('seed-orders', '?text=index'), { headers: operator })).status).toBe(400);

  const stop = new AbortController();
  const io = { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]) };
  const wanted = tail('seed-payments', '?text=tail-secret');
  const stream = await served.get(wanted, { headers: operator, ...io });
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  await using traffic = await driverOf(config).traffic('lab', config, io);
  await using producer = await traffic.producer({ acks: 'leader' });
  const values = [Buffer.from('{"note":"tail-secret"}'), Buffer.from('{"note":"something else"}')];
  const sending = (async () => {
    while (!io.signal.aborted) {
      await producer.send({ topic: 'seed-payments', partition: 0, values }, io);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  let text = '';
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString('utf8');
    if ((text.match(/^event: message$/gm) ?? []).length >= 2) break;
  }
  stop.abort();
  await Promise.allSettled([sending]);
  expect(text).toContain('Show value');
  expect(text).toMatch(/show=[^"]*%40\d+/);
  expect(text).not.toContain('tail-secret"}');
  expect(text).not.toContain('something else');
}
