// Starts, follows and stops a load test of a real broker from the page of its cluster.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKafka } from '../../support/kafka.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { servePlimsoll, type ServedPlimsoll } from '../../support/served-plimsoll.ts';

const page = '/clusters/lab/load-test';
const load = {
  what: 'load-test-started',
  rates: '100, 200, 300',
  stepDuration: '4s',
  messageSize: '500B',
  groups: '1',
};

const products = { kafka: startKafka, ...(fullMatrix && { rocketmq: startRocketmq }) };

for (const [product, startBroker] of Object.entries(products))
  requires('java', 'maven').describe(`a load test of a real ${product}`, () => {
    const opened = new AsyncDisposableStack();
    let words: string[];
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-page-test-'));
      opened.defer(() => rm(folder, { recursive: true, force: true }));
      const broker = opened.use(await startBroker());
      words = ['--config', broker.configPath, '--state-dir', join(folder, 'state')];
    });
    afterAll(() => opened.disposeAsync());

    const send = async (service: ServedPlimsoll, fields: Record<string, string>) =>
      service.get(page, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: await service.operator(),
        redirect: 'manual',
      });

    test('runs next to the service, survives its crash, and its verdict is on the page of the cluster', async () => {
      {
        await using service = await servePlimsoll(words);
        expect((await send(service, load)).status).toBe(303);
        const events = await service.get('/live?cluster=lab');
        await service.until(page, (text) => (/Step<\/dt>\s*<dd[^>]*>\d of 3/.test(text) ? text : undefined));
        const progress = await service.until(page, (text) => (text.includes('Latency (p99)') ? text : undefined));
        expect(progress).toMatch(/<progress/);
        expect(progress).toMatch(/Guard<\/dt>\s*<dd[^>]*>none of its limits reached/);
        expect(progress).toContain('Lag of the test consumers (messages)');
        expect(progress).not.toContain('Stop the load test');
        const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
        let heard = '';
        while (!heard.includes('event: changed')) heard += (await reader?.read())?.value ?? 'event: changed, never';
        expect(heard).toContain('event: changed\ndata:');
        await reader?.cancel();
        expect((await send(service, load)).status).toBe(409);
        await service.kill();
      }
      await using service = await servePlimsoll(words);
      const ended = await service.until(page, (text) => (text.includes('Last load test') ? text : undefined));
      expect(ended).toContain('Safe maximum');
      const { entries } = JSON.parse(await (await service.get('/api/v1/clusters/lab/tests')).text()) as {
        entries: { run: string; evidence: string; by: object; safeMaxTps: object }[];
      };
      expect(entries).toMatchObject([{ by: { name: 'operator', through: 'page' } }]);
      const overview = await (await service.get('/clusters/lab')).text();
      expect(overview).toContain('Last load test');
      expect(overview).toContain('load test started');
    });

    if (fullMatrix)
      test('keeps a bundle that can be analyzed after it was stopped', async () => {
        await using service = await servePlimsoll(words);
        expect((await send(service, { ...load, stepDuration: '15s' })).status).toBe(303);
        await service.until(page, (text) => (/Step<\/dt>\s*<dd[^>]*>1 of 3/.test(text) ? text : undefined));
        await delay(6000);
        expect((await send(service, { what: 'load-test-stopped' })).status).toBe(303);
        const ended = await service.until(page, (text) => (text.includes('Last load test') ? text : undefined));
        expect(ended).toMatch(/operator\u2069 stopped it at/);
        const [, directory = ''] = /Run bundle: <bdi>([^<]+)<\/bdi>/.exec(ended) ?? [];
        const analysis = await plimsoll(['analyze', directory, '--json']);
        expect([0, 3]).toContain(analysis.exitCode);
        expect(JSON.parse(analysis.stdout)).toMatchObject({ run: { cluster: 'lab' } });
      });
  });
