// Executes a redline on a real Kafka with live traffic, kills one midway, and interferes with one.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  canaryTopic,
  highestOverPolicy,
  killRedline,
  leaseSeconds,
  producerSummary,
  redlineWords,
  runRedline,
  signalRedline,
  startLiveTraffic,
  topic,
} from '../../bench/redline-lab.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

if (fullMatrix) {
  requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven').test(
    'a redline finds a maximum within the policy, loses nothing, and restores the layout even after Ctrl-C and SIGKILL',
    async () => {
      await using lab = await startLiveTraffic(470);
      const { before, messages, producer } = lab;
      const bundle = join(lab.folder, 'whole');

      const whole = await runRedline(lab, redlineWords(bundle));
      expect(whole.status).toBe('done');
      expect(whole.restored?.left).toEqual([]);
      expect(whole.analysis?.redline?.broker).toBe('1');
      expect(['confirmed', 'predicted']).toContain(whole.analysis?.redline?.safeMaxTps.kind);
      expect(await highestOverPolicy(bundle)).toBeLessThanOrEqual(1);
      expect(await lab.layoutOf(topic)).toEqual(before);

      const interrupted = await signalRedline(lab, redlineWords(join(lab.folder, 'interrupted')), {
        sign: /step 1: the leader of/,
        afterSeconds: 2,
        signal: 'SIGINT',
      });
      expect(interrupted, interrupted.stderr).toMatchObject({ exitCode: 130 });
      expect(await lab.layoutOf(topic)).toEqual(before);

      const killed = redlineWords(join(lab.folder, 'killed'));
      await killRedline(lab, killed, { sign: /step 2: the leader of/, afterSeconds: 0 });
      await delay(1000 * leaseSeconds);
      const aborted = await runRedline(lab, ['--broker', '1', '--abort', '--take-over']);
      expect(aborted.status).toBe('rolled-back');
      expect(await lab.layoutOf(topic)).toEqual(before);

      await producer.ended;
      const { records } = producerSummary(producer.printed());
      expect(records).toBe(messages);
      expect(await lab.storedIn(topic)).toBe(records);
      expect(await lab.storedIn(canaryTopic)).toBeGreaterThan(100);
    },
    720_000,
  );
}
