// Kills a redline in the middle with SIGKILL, and measures what --resume or --abort restores.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Bench } from './bench.ts';
import {
  changedLines,
  killRedline,
  leaseSeconds,
  partitions,
  producerSummary,
  redlineWords,
  runRedline,
  startLiveTraffic,
  topic,
} from './redline-lab.ts';

const liveSeconds = 150;

export const redlineKilled = {
  name: 'redline-killed',
  summary: 'a redline killed while leaders move: what is restored, and what becomes of the messages',
  options: {},
  evidence: 'docs/explanation/redline.md',

  async run({ stderr }) {
    await using lab = await startLiveTraffic(liveSeconds);
    const words = redlineWords(join(lab.folder, 'redline-bundle'));
    await killRedline(lab, words, { sign: /step 1: the leader of/, afterSeconds: 1.5 }, stderr);
    const moved = changedLines(lab.before, await lab.layoutOf(topic));
    await delay(1000 * leaseSeconds);
    const document = await runRedline(lab, ['--broker', '1', '--resume', '--take-over'], stderr);
    const left = changedLines(lab.before, await lab.layoutOf(topic));
    await lab.producer.ended;
    const { records } = producerSummary(lab.producer.printed());
    const stored = await lab.storedIn(topic);
    return [
      {
        metric: `partitions of ${partitions} with another leader when it was killed (--resume: ${document.analysis?.redline?.safeMaxTps.kind}, ${document.stop?.message})`,
        unit: 'partitions',
        ours: moved,
        goal: 'at least 1',
        met: moved >= 1,
      },
      atMost('of them not as before after --resume', 'partitions', left, 0),
      atMost(`messages lost or stored twice of ${records} acknowledged`, 'messages', Math.abs(records - stored), 0),
    ];
  },
} satisfies Bench;
