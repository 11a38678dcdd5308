// Fills the dead-letter topic of a real RocketMQ with a consumer that rejects, and resends its messages to their group.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { rocketmqDriver } from '../../../brokers/rocketmq/driver.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { startJavaPeer } from '../../support/java-peer.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { propertyOf, resendsOf } from '../../support/resend-commands.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const topic = 'orders';
const group = 'billing';
const deadLetters = `%DLQ%${group}`;
const count = 40;

for (const version of fullMatrix ? [defaultRocketmqVersion, '4.9.7'] : [defaultRocketmqVersion]) {
  requires('java', 'maven').test(
    `dead-letter messages of a group are resent to it, once each, with their ids: RocketMQ ${version}`,
    async () => {
      await using rocketmq = await startRocketmq({ version });
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-resend-'));
      const { config, configPath } = rocketmq;
      await using peer = await startJavaPeer('RocketmqPeer', rocketmqRelease(version), rocketmq.namesrv.join(';'));
      const io = { signal: AbortSignal.timeout(60_000) };
      {
        await using admin = await rocketmqDriver.administer('lab', config, io);
        await admin.createTopic({ name: topic, partitions: 4, replicationFactor: 1 }, io);
      }
      const resend = resendsOf({ configPath, config, state: folder.path });
      const ids = (await peer.ask('send-keyed', topic, count)).map(([, id = '']) => id);
      await peer.ask('give-up', group, topic);
      await expect
        .poll(async () => (await resend.stored(deadLetters).catch(() => [])).length, { timeout: 60_000, interval: 500 })
        .toBe(count);
      await peer.ask('leave', group);

      const words = ['--topic', deadLetters];
      const one = await resend.run(...words, '--key', 'order-7');
      expect(one.document).toMatchObject({ status: 'planned', messages: [{ to: `%RETRY%${group}` }] });
      const origin = await resend.run(...words, '--key', 'order-7', '--to-origin');
      expect(origin.document).toMatchObject({ messages: [{ to: topic }] });
      expect(origin.document.findings.map(({ code }) => code)).toContain('every-group');

      const path = await resend.killAfter(15, ...words, '--rate', '20', '--execute');
      const inDoubt = await resend.forgetLastAnswer(path);
      const resumed = await resend.run(...words, '--resume');
      expect(resumed).toMatchObject({ exitCode: 0, document: { status: 'done', holds: [] } });
      expect(resumed.stderr).toContain(`${inDoubt} was sent without an answer: it is stored in %RETRY%${group}`);
      expect(resumed.document.evidence).toContain(`copies read back: ${count}`);

      const copies = (await resend.stored(`%RETRY%${group}`)).filter((copy) => propertyOf(copy, 'plimsoll-resend'));
      expect(new Set(copies.map((copy) => propertyOf(copy, 'UNIQ_KEY')))).toEqual(new Set(ids));
      expect(copies).toHaveLength(count);

      await peer.ask('consume', group, topic);
      // Java's client redelivers an original that it could not return to the broker in time.
      const heard = async () => (await peer.ask('received', group)).filter((row) => row.at(-1) !== 'null');
      await expect.poll(async () => (await heard()).length, { timeout: 90_000, interval: 500 }).toBe(count);
      const bodies = (await heard()).map(([, text = '', ...rest]) => [text, ...rest]);
      expect(new Set(bodies.map(([id]) => id))).toEqual(new Set(ids));
      for (const [id = '', ofTopic, key, tag, shop, , body, index] of bodies) {
        const sent = ids.indexOf(id);
        expect([ofTopic, key, tag, shop, body, index]).toEqual([
          topic,
          `order-${sent}`,
          'paid',
          'west',
          'body',
          String(sent),
        ]);
      }
    },
    420_000,
  );
}
