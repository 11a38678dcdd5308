// Shortens the retention of topics before their replicas are copied, and waits until the logs are shorter.

import type { ReplicaSize } from '../../../brokers/kafka/changes/replica-sizes.ts';
import { seconds } from '../../../core/units.ts';
import { borrow } from '../../change/borrowed-settings.ts';
import { isShortened, refusalOfCut, restoreRetention } from './guard-retention.ts';
import { note, waiting, type Run } from './run.ts';

/** Brokers look for old segments each five minutes (log.retention.check.interval.ms), and delete a minute later (file.delete.delay.ms). */
const patience = seconds(390);
const tick = seconds(5);
/** A log that is this much shorter has been cut: what comes in meanwhile makes up for some of it. */
const shorter = 0.1;

/** Not while a group has messages to read that it would delete. */
export async function cutRetention(run: Run): Promise<void> {
  const { state, changes, clock, signal } = run;
  const cut = state.facts.cutRetention;
  if (cut === undefined || cut.isDone === true) return;
  const refusal = await refusalOfCut(run, cut);
  if (refusal !== undefined) {
    // A process that was killed may have begun to shorten it.
    if (isShortened(state)) return restoreRetention(run, cut, refusal);
    delete state.facts.cutRetention;
    return note(run, `the retention is not changed: ${refusal}`);
  }
  const wanted = new Set(cut.topics);
  const bytesNow = async () =>
    (await changes.sizes({ signal }))
      .flatMap(({ replicas }): readonly ReplicaSize[] => replicas)
      .reduce((sum, { topic, bytes }) => sum + (wanted.has(topic) ? bytes : 0), 0);
  const before = await bytesNow();
  const settings = { 'retention.ms': String(cut.retentionMs) };
  const values = cut.topics.map((name) => ({ kind: 'topic' as const, name, settings }));
  await borrow(run, 'retention', values);
  cut.isDone = true;
  await note(run, `retention is ${cut.retentionMs} ms until the end of the change (topics: ${cut.topics.length})`);
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const now = await bytesNow();
    if (now <= (1 - shorter) * before)
      return run.tell(`log size of these topics: ${before} bytes before, ${now} bytes now`);
    if ((await run.request()) !== undefined) return;
    if (!isShortened(state)) return;
    if (clock.monotonic() > deadline)
      return run.tell(`log size of these topics: still ${now} bytes; the brokers have not deleted segments yet`);
    waiting(run, 'waiting for brokers to delete old segments');
    await clock.sleep(tick, { signal });
  }
}
