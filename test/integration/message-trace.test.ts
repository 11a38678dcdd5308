// Traces messages of real Java clients of a real RocketMQ from the sender to the consumer.

import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { rocketmqDriver } from '../../brokers/rocketmq/driver.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../lab/rocketmq/release.ts';
import { asking } from '../support/asking.ts';
import { startJavaPeer } from '../support/java-peer.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../support/rocketmq.ts';
import { servePlimsoll } from '../support/served-plimsoll.ts';

const topic = 'orders';

const Traces = z.object({
  traces: z.array(
    z.looseObject({
      msgId: z.string(),
      sent: z.looseObject({ topic: z.string(), group: z.string(), keys: z.array(z.string()), costMs: z.number() }),
      consumptions: z.array(z.looseObject({ group: z.string(), isSuccess: z.boolean().optional() })),
    }),
  ),
});

if (fullMatrix) {
  // 4.x brokers create the system's trace topic only if they start with traceTopicEnable.
  for (const [version, traceTopic] of [
    [defaultRocketmqVersion, 'RMQ_SYS_TRACE_TOPIC'],
    ['4.9.7', 'traces'],
  ] as const) {
    requires('java', 'maven').test(
      `a message is traced by id and by key from its sender to its group: RocketMQ ${version}`,
      async () => {
        await using rocketmq = await startRocketmq({ version });
        await using peer = await startJavaPeer('RocketmqPeer', rocketmqRelease(version), rocketmq.namesrv.join(';'));
        const { config } = rocketmq;
        const io = { signal: AbortSignal.timeout(60_000) };
        {
          if (traceTopic !== 'traces') {
            // A broker with traceTopicEnable creates the topic itself at start.
            await using desk = openChangeDesk('lab', config);
            const settings = { validateSystemTopicWhenUpdateTopic: 'false' };
            for (const { address } of rocketmq.brokers) await desk.set(address, settings, io);
          }
          await using admin = await rocketmqDriver.administer('lab', config, io);
          for (const name of [topic, traceTopic]) {
            await admin.createTopic({ name, partitions: 1, replicationFactor: 1 }, io);
          }
        }
        await peer.ask('consume-traced', 'billing', topic, traceTopic);
        const ids = (await peer.ask('send-keyed', topic, 3, traceTopic)).map(([, id = '']) => id);
        const { ask, askJson } = asking('--namesrv', rocketmq.namesrv.join());
        const words = ['get', 'message-trace', '--trace-topic', traceTopic];
        const consumed = async () => {
          const { exitCode, stdout } = await ask(...words, ids[1] ?? '', '--json');
          const [trace] = exitCode === 0 ? Traces.parse(JSON.parse(stdout)).traces : [];
          return trace?.consumptions;
        };
        await expect
          .poll(consumed, { timeout: 60_000, interval: 1000 })
          .toMatchObject([{ group: 'billing', isSuccess: true, retries: 0, outcome: 'SUCCESS' }]);
        const byKey = Traces.parse(await askJson(...words, '--key', 'order-1'));
        expect(byKey.traces).toMatchObject([
          {
            msgId: ids[1],
            sent: { topic, group: 'keyed-producers', keys: ['order-1'], tags: 'paid', isSuccess: true },
          },
        ]);
        const { stdout } = await ask(...words, ids[1] ?? '');
        expect(stdout).toMatch(/^sent by +\S+ \(group keyed-producers\)$/m);
        expect(stdout).toMatch(/^billing +127\.0\.0\.1:\d+ .* SUCCESS$/m);
        await expectMasked(rocketmq, [...words, ids[1] ?? '']);
        // The tool of 4.9.7 reads only the system's topic.
        if (traceTopic !== 'traces') {
          const told = await rocketmq.mqadmin(['queryMsgTraceById', '-i', ids[1] ?? '', '-t', traceTopic]);
          expect(told).toMatch(/^Pub +keyed-producers +.* success *$/m);
          expect(told).toMatch(/^Sub +billing +.* success *$/m);
          await expectOnPage(rocketmq);
        }
        expect(await ask(...words, 'nobody-sent-it')).toMatchObject({
          exitCode: 2,
          stderr: expect.stringContaining('no client traced a message nobody-sent-it'),
        });
      },
      300_000,
    );
  }
}

async function expectMasked({ configPath }: RunningRocketmq, words: readonly string[]): Promise<void> {
  const config = parse(await readFile(configPath, 'utf8')) as object;
  const file = `${configPath}.masked.yaml`;
  const mask = [{ topics: topic, fields: ['$key'] }];
  await writeFile(file, JSON.stringify({ ...config, service: { messages: { mask } } }));
  const masked = asking('--config', file);
  const { traces } = Traces.parse(await masked.askJson(...words));
  expect(traces).toMatchObject([{ sent: { keys: ['•••'], tags: 'paid' } }]);
  const { stdout } = await masked.ask(...words);
  expect(stdout).toMatch(/^keys +•••$/m);
  expect(stdout).not.toContain('order-1');
  // A key is not an id: a guess of a masked key finds nothing.
  const guessed = await masked.ask('get', 'message', 'order-1', '--topic', topic);
  expect(guessed.stderr).toContain('no broker has a message');
}

/** Opens the page that shows the value of the second message. */
async function expectOnPage({ configPath }: RunningRocketmq): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-trace-'));
  await using served = await servePlimsoll(['--config', configPath, '--state-dir', folder.path]);
  await served.until('/clusters/lab/topics', (text) => (text.includes(topic) ? text : undefined));
  const path = `/clusters/lab/topics/${topic}/messages?show=${encodeURIComponent('broker-a:0@1')}`;
  expect((await served.get(path)).status).toBe(403);
  const headers = await served.operator();
  for (const [language, texts] of [
    ['en', ['Trace', 'keyed-producers', 'success', 'SUCCESS', 'billing']],
    ['zh', ['消息轨迹', 'keyed-producers', '成功', 'SUCCESS', 'billing']],
  ] as const) {
    const page = await (await served.get(`${path}&lang=${language}`, { headers })).text();
    const trace = page.slice(page.indexOf('id="trace"'));
    expect(page).toContain('id="trace"');
    for (const text of texts) expect(trace).toContain(text);
  }
}
