// Raises the write queues of topics on one broker, and restores them in two phases: write queues first, read queues
// after they are read.

import { z } from 'zod';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { RedlineTools } from '../../redline/redline-driver.ts';
import { masterOf, topicsAt } from '../broker-group.ts';
import { settleSeconds } from '../let-settle.ts';
import { setQueues, staleRoutes, type Queues } from '../queues/set-queues.ts';
import type { GrownTopic } from './plan-queue-step.ts';
import { count } from '../../../core/documents/values.ts';

/** Queues of a topic on the broker: former ones, or those set by the redline. */
export const TopicQueues = z.strictObject({
  topic: z.string(),
  brokerName: z.string(),
  address: z.string(),
  readQueues: count,
  writeQueues: count,
});
export type TopicQueues = z.infer<typeof TopicQueues>;

export interface QueueTools extends RedlineTools {
  desk: ChangeDesk;
}

const routePatience = seconds(30);
/** Consumers rebalance on every change of the queue count, so more queues than the next step needs are opened at once. */
const openedAhead = 2;

/**
 * Adds read queues first, so that consumers find a queue before producers do.
 *
 * @throws AppError change-stopped if others changed a topic, or a name server keeps the former number
 */
export async function raiseQueues(tools: QueueTools, brokerName: string, grown: readonly GrownTopic[]): Promise<void> {
  const { desk, signal, clock } = tools;
  const address = await masterOf(desk, brokerName, { signal });
  const definitions = await topicsAt(desk, address, { signal });
  const targets = grown.map(({ topic, from, to }) => {
    const now = definitions.get(topic);
    if (now?.writeQueues !== from)
      throw new AppError('change-stopped', `${topic} on ${brokerName} was changed by others`);
    const readQueues = now.readQueues >= to ? now.readQueues : openedAhead * to;
    return { topic, brokerName, address, readQueues, writeQueues: to };
  });
  await tools.remember(targets);
  const opened = targets.filter(({ topic, readQueues }) => readQueues !== definitions.get(topic)?.readQueues);
  for (const each of opened) await set(tools, each, (now) => ({ ...now, readQueues: each.readQueues }));
  if (opened.length > 0) {
    await routesShow(tools, opened, ({ readQueues }, wanted) => readQueues === wanted.readQueues);
    const until = clock.monotonic() + settleSeconds;
    for (; clock.monotonic() < until; await tools.check()) await clock.sleep(seconds(1), { signal });
  }
  for (const each of targets) await set(tools, each, (now) => ({ ...now, writeQueues: each.writeQueues }));
  await routesShow(tools, targets, ({ writeQueues }, wanted) => writeQueues === wanted.writeQueues);
}

export async function set(tools: QueueTools, row: TopicQueues, wanted: (now: Queues) => Queues): Promise<void> {
  await tools.check();
  await setQueues(tools.desk, row, row, wanted, tools);
}

async function routesShow(
  { desk, clock, signal }: QueueTools,
  rows: readonly TopicQueues[],
  isRight: (queues: Queues, row: TopicQueues) => boolean,
): Promise<void> {
  const deadline = clock.monotonic() + routePatience;
  for (const row of rows) {
    for (;;) {
      const of = { topic: row.topic, brokers: [row] };
      const [stale] = await staleRoutes(desk, of, (queues) => isRight(queues, row), { signal });
      if (stale === undefined) break;
      if (clock.monotonic() > deadline) throw new AppError('change-stopped', stale.what);
      await clock.sleep(seconds(1), { signal });
    }
  }
}
