// Carries out a redline on a real Kafka with live traffic, kills one in the middle, and lets others interfere with one.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  canaryTopic,
  documentOf,
  highestOverPolicy,
  liveRate,
  messageBytes,
  producerSummary,
  redlineWords,
  startLiveLab,
  topic,
} from '../../bench/redline-lab.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

if (fullMatrix) {
  requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven').test(
    'a redline finds a maximum within the policy, restores the layout, also after SIGKILL, and loses nothing',
    async () => {
      await using lab = await startLiveLab();
      const messages = liveRate * 330;
      await using _consumer = lab.consume(topic, 'readers', messages);
      await using producer = lab.produce(topic, { rate: liveRate, messages, bytes: messageBytes });
      await lab.until(producer, / records sent, /);
      await delay(8000);
      const before = await lab.layoutOf(topic);
      const execute = ['--execute', '--confirm', lab.confirm, '--json'];
      const bundle = join(lab.folder, 'whole');

      const whole = documentOf(await lab.redline(...redlineWords(bundle), ...execute).ended);
      expect(whole.status).toBe('done');
      expect(whole.restored?.left).toEqual([]);
      expect(whole.analysis?.redline?.broker).toBe('1');
      expect(['confirmed', 'predicted']).toContain(whole.analysis?.redline?.safeMaxTps.kind);
      expect(await highestOverPolicy(bundle)).toBeLessThanOrEqual(1);
      expect(await lab.layoutOf(topic)).toEqual(before);

      const killed = lab.redline(...redlineWords(join(lab.folder, 'killed')), ...execute);
      killed.child.stderr?.on('data', (text) => {
        if (/step 2: the leader of/.test(String(text))) killed.child.kill('SIGKILL');
      });
      expect((await killed.ended).exitCode).toBeUndefined();
      await delay(65_000);
      const aborted = await lab.redline('--broker', '1', '--abort', '--take-over', '--confirm', lab.confirm, '--json')
        .ended;
      expect(documentOf(aborted).status).toBe('rolled-back');
      expect(await lab.layoutOf(topic)).toEqual(before);

      await producer.ended;
      const { records } = producerSummary(producer.printed());
      expect(records).toBe(messages);
      expect(await lab.storedIn(topic)).toBe(records);
      expect(await lab.storedIn(canaryTopic)).toBeGreaterThan(100);
    },
    600_000,
  );
}
