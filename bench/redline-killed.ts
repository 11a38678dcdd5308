// Kills a redline in the middle with SIGKILL, and measures what --resume or --abort restores.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Bench } from './bench.ts';
import { atMost } from './redline.ts';
import {
  documentOf,
  liveRate,
  messageBytes,
  partitions,
  producerSummary,
  redlineWords,
  startLiveLab,
  topic,
} from './redline-lab.ts';

const liveSeconds = 150;
/** The lease of a killed process expires after 60 s. */
const leaseSeconds = 65;

export const redlineKilled = {
  name: 'redline-killed',
  summary: 'a redline killed while leaders move: what is restored, and what becomes of the messages',
  options: {},
  evidence: 'docs/redline.md',

  async run(io) {
    await using lab = await startLiveLab();
    const messages = liveRate * liveSeconds;
    await using _consumer = lab.consume(topic, 'readers', messages);
    await using producer = lab.produce(topic, { rate: liveRate, messages, bytes: messageBytes });
    await lab.until(producer, / records sent, /);
    await delay(8000);
    const before = await lab.layoutOf(topic);
    const words = redlineWords(join(lab.folder, 'redline-bundle'));
    const run = lab.redline(...words, '--execute', '--confirm', lab.confirm, '--json');
    let written = '';
    run.child.stderr?.on('data', (text) => {
      written += String(text);
      io.stderr.write(String(text));
      if (/step 1: the leader of/.test(written)) setTimeout(() => run.child.kill('SIGKILL'), 1500);
    });
    const { exitCode, stderr } = await run.ended;
    if (exitCode !== undefined)
      throw new AppError('run-failed', `it ended by itself with ${exitCode}: ${stderr.slice(-500)}`);
    const killed = await lab.layoutOf(topic);
    const moved = killed.filter((line) => !before.includes(line)).length;
    await delay(1000 * leaseSeconds);
    const resumed = lab.redline('--broker', '1', '--resume', '--take-over', '--confirm', lab.confirm, '--json');
    resumed.child.stderr?.on('data', (text) => io.stderr.write(String(text)));
    const document = documentOf(await resumed.ended);
    const after = await lab.layoutOf(topic);
    await producer.ended;
    const { records } = producerSummary(producer.printed());
    const stored = await lab.storedIn(topic);
    return [
      {
        metric: `partitions of ${partitions} with another leader when it was killed; --resume: ${document.analysis?.redline?.safeMaxTps.kind}, ${document.stop?.message}`,
        unit: 'partitions',
        ours: moved,
        goal: 'at least 1',
        met: moved >= 1,
      },
      atMost(
        'of them not as before after --resume',
        'partitions',
        after.filter((line) => !before.includes(line)).length,
        0,
      ),
      atMost(`messages lost or stored twice of ${records} acknowledged`, 'messages', Math.abs(records - stored), 0),
    ];
  },
} satisfies Bench;
