// Checks load through the gRPC proxy of a real RocketMQ 5: counts against the brokers, refusals, and a killed proxy.

import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ignoreFault } from '../../../core/errors.ts';
import { createRocketmqAdmin } from '../../../brokers/rocketmq/admin.ts';
import { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import { rocketmqDriver } from '../../../brokers/rocketmq/driver.ts';
import { driveRun } from '../../support/driven-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq, type RocketmqRequest, type RunningRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

/** By default brokers reject sends that wait for 200 ms (timeout-clean-queue), which happens while their JVM is cold. */
const properties = { waitTimeMillsInSendQueue: '10000' };

const labs: readonly RocketmqRequest[] = fullMatrix
  ? [
      { version: '5.3.3', mode: 'proxy', properties },
      { version: '5.5.0', mode: 'proxy', acl: true, tls: true, properties },
    ]
  : [];

const io = (seconds = 60) => ({ signal: AbortSignal.timeout(seconds * 1000) });
const rate = 300;
const constant = (duration: number) => ({
  messageSize: '500B',
  partitions: 4,
  warmUp: '0s',
  profile: { kind: 'constant', rate, duration: `${duration}s` },
});

for (const request of labs) {
  requires('java', 'maven').describe(`through the proxy of ${request.version}`, () => {
    let lab: RunningRocketmq;
    /** Manages the restarted proxy, which the lab does not know. */
    let undertaker: ReturnType<typeof undertakerOf> | undefined;
    beforeAll(async () => void (lab = await startRocketmq(request)), 180_000);
    afterAll(async () => {
      await undertaker?.end('SIGKILL').catch(ignoreFault('it has ended'));
      await lab?.[Symbol.asyncDispose]();
    });

    /** @param changed keys of the proxy; undefined ones are removed */
    const withProxy = (changed: object) => {
      const { proxy } = lab.config;
      return RocketmqClusterConfig.parse({
        ...(JSON.parse(JSON.stringify(lab.config)) as object),
        proxy: JSON.parse(JSON.stringify({ ...proxy, ...changed })) as unknown,
      });
    };

    async function failureOf(
      config: RocketmqClusterConfig,
      topic = 'orders',
    ): Promise<{ code?: string; message: string }> {
      try {
        await using traffic = await rocketmqDriver.traffic('lab', config, io(), { throughProxy: true });
        await using producer = await traffic.producer({ acks: 'all', requests: 'single' });
        await producer.send({ topic, partition: 0, values: [Buffer.from('x')] }, io());
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        return { ...(code !== undefined && { code }), message };
      }
      throw new Error('it was stored');
    }

    test('each message is stored and consumed once, and the brokers count the same as the run', async () => {
      await using run = await driveRun(lab.configPath, constant(5), '--keep-topic');
      const { ended, ledger, failures } = await run.result();
      expect(ended).toMatchObject({ exitCode: 0 });
      expect(failures).toEqual([]);
      const sent = 5 * rate;
      expect(ledger).toMatchObject({
        sent,
        acknowledged: sent,
        groups: [{ received: sent, lost: 0, unread: 0, duplicated: 0, corrupted: 0, foreign: 0 }],
        isExact: true,
        agreement: { agrees: true, grown: sent, partitions: 4, notCompared: 0 },
      });
      const group = ledger.groups[0]?.group ?? '';

      // Compares with remoting: messages of a plain consumer, and counts of mqadmin.
      let bytes = 0;
      const read = new Set<string>();
      await using traffic = await rocketmqDriver.traffic('lab', lab.config, io());
      await using consumer = await traffic.consumer({ group: `${group}-again`, topic: run.topic, from: 'start' });
      const enough = new AbortController();
      await consumer.run(
        ({ partition, offsets, values }) => {
          for (const value of values) bytes += value.length;
          for (const offset of offsets) read.add(`${partition} ${offset}`);
          if (read.size >= sent) enough.abort();
        },
        { signal: AbortSignal.any([enough.signal, AbortSignal.timeout(30_000)]) },
      );
      expect({ read: read.size, bytes }).toEqual({ read: sent, bytes: sent * 500 });
      const status = await lab.mqadmin(['topicStatus', '-t', run.topic]);
      const ends = status.split('\n').flatMap((line) => /^broker-\S+\s+\d+\s+\d+\s+(\d+)/.exec(line)?.[1] ?? []);
      expect(ends.reduce((sum, end) => sum + Number(end), 0)).toBe(sent);

      await using inspector = await rocketmqDriver.inspect('lab', lab.config, io());
      await expect
        .poll(
          async () => {
            const { groups } = await inspector.snapshot(io(), { topics: [run.topic], groups: [group] });
            const lags = [...(groups.find(({ name }) => name === group)?.partitions ?? [])];
            return lags
              .filter(({ topic }) => topic === run.topic)
              .reduce((sum, { committed = 0n }) => sum + Number(committed), 0);
          },
          { timeout: 30_000, interval: 500 },
        )
        .toBe(sent);
    }, 120_000);

    test('a missing topic and one for ordered messages are refused with the reason', async () => {
      expect(await failureOf(lab.config, 'nowhere')).toMatchObject({
        code: 'broker-refused',
        message: expect.stringMatching(
          /^cannot ask where topic nowhere is: proxy .* answered TOPIC_NOT_FOUND/,
        ) as unknown,
      });
      const created = await lab.mqadmin([
        'updateTopic',
        '-c',
        'lab',
        '-t',
        'fifo',
        '-r',
        '4',
        '-w',
        '4',
        '-a',
        '+message.type=FIFO',
      ]);
      expect(created).toMatch(/success/);
      await expect
        .poll(() => failureOf(lab.config, 'fifo'), { timeout: 60_000, interval: 1000 })
        .toMatchObject({
          code: 'broker-refused',
          message: expect.stringMatching(/^cannot send to fifo: .* FIFO messages only$/) as unknown,
        });
    }, 120_000);

    test('an address without a proxy is reported, with what listens there', async () => {
      expect((await failureOf(withProxy({ address: '127.0.0.1:1' }))).message).toMatch(/: connection refused$/);
      const web = createServer((_, response) => response.end('no proxy'));
      const port = await new Promise<number>((resolve) =>
        web.listen(0, '127.0.0.1', () => resolve((web.address() as { port: number }).port)),
      );
      const address = `127.0.0.1:${port}`;
      try {
        expect((await failureOf(withProxy({ address, tls: undefined }))).message).toMatch(/: it does not speak gRPC$/);
        expect((await failureOf(withProxy({ address, tls: { verify: false } }))).message).toMatch(
          /: it does not speak TLS$/,
        );
      } finally {
        web.close();
      }
      const [nameServer = ''] = lab.namesrv;
      expect((await failureOf(withProxy({ address: nameServer }))).code).toBe('broker-unreachable');
    }, 60_000);

    if (request.tls === true) {
      test('a wrong key, certificate authority or protocol is refused', async () => {
        const { accessKey } = lab.config.credentials ?? { accessKey: '' };
        const file = join(lab.home, 'wrong-key');
        await writeFile(file, 'wrong');
        const refused = await failureOf(withProxy({ credentials: { accessKey, secretKey: `\${file:${file}}` } }));
        expect(refused).toMatchObject({
          code: 'credentials-refused',
          message: expect.stringContaining('UNAUTHORIZED') as unknown,
        });
        expect(refused.message).not.toContain('wrong');
        expect((await failureOf(withProxy({ tls: undefined }))).message).toMatch(
          /: it does not speak gRPC without TLS$/,
        );
        expect((await failureOf(withProxy({ tls: {} }))).message).toMatch(/certificate/);
        expect(
          (await failureOf(withProxy({ tls: { ...lab.config.proxy?.tls, serverName: 'other.example' } }))).message,
        ).toMatch(/other\.example/);
      }, 60_000);
    } else {
      test('TLS can be used if the proxy accepts both TLS and plain text', async () => {
        await using admin = await createRocketmqAdmin('lab', lab.config, io());
        await admin.createTopic({ name: 'both-ways', partitions: 1, replicationFactor: 1 }, io());
        await using traffic = await rocketmqDriver.traffic('lab', withProxy({ tls: { verify: false } }), io(), {
          throughProxy: true,
        });
        await using producer = await traffic.producer({ acks: 'all', requests: 'single' });
        await expect(
          producer.send({ topic: 'both-ways', partition: 0, values: [Buffer.from('x')] }, io()),
        ).resolves.toBeUndefined();
      }, 60_000);
    }

    test('a proxy that is killed and returns within the outage loses no acknowledged message', async () => {
      const proxy = undertakerOf(pidOf(lab, 'proxy'));
      await using run = await driveRun(lab.configPath, { ...constant(90), outage: '60s' });
      await run.at(5);
      await proxy.end('SIGKILL');
      await run.at(8);
      const pid = proxy.revive();
      const { ended, ledger, failures } = await run.result();
      undertaker = undertakerOf(pid);
      expect(ended.exitCode).toBe(0);
      const [group] = ledger.groups;
      // With other work on the machine, a proxy needed up to 24 s to restart.
      expect(ledger.acknowledged, JSON.stringify(failures)).toBeGreaterThan(50 * rate);
      // Messages that the killed proxy had received are redelivered after their invisible time.
      expect(group?.unread).toBe(0);
      expect({ lost: group?.lost, corrupted: group?.corrupted, foreign: group?.foreign }).toEqual({
        lost: 0,
        corrupted: 0,
        foreign: 0,
      });
      expect(ledger.agreement).toMatchObject({ agrees: true });
      // Brokers redeliver from a separate topic, which is deleted with that of the run.
      expect(await lab.mqadmin(['topicList'])).not.toContain(run.topic);
    }, 180_000);

    test('a proxy that is killed and stays down ends the run with the reason', async () => {
      await using run = await driveRun(lab.configPath, constant(60));
      await run.at(4);
      await (undertaker ?? undertakerOf(pidOf(lab, 'proxy'))).end('SIGKILL');
      const killedAt = Date.now();
      const { ended } = await run.result();
      expect((Date.now() - killedAt) / 1000).toBeLessThan(30);
      expect(ended.exitCode).toBe(4);
      expect(ended.stderr).toMatch(
        /every send failed for 5 s: cannot send to \S+ through proxy \S+ of cluster lab: connection refused/,
      );
    }, 120_000);
  });
}
