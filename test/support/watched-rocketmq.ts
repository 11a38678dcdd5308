// Inspects a RocketMQ lab with a test clock, and finds its processes.

import { createInspector } from '../../brokers/rocketmq/inspect/snapshot.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import type { CollectorRegistry } from '../../exporter/target.ts';
import { readLabState } from '../../lab/lab-state.ts';
import type { RunningRocketmq } from './rocketmq.ts';
import { watchPage, type WatchedPage } from './watched-page.ts';

/** Reads like `rocketmqDriver.inspect`. */
export function watchRocketmq(
  { config }: RunningRocketmq,
  clock: Clock = systemClock,
  registry?: CollectorRegistry,
): Promise<WatchedPage> {
  const client = createRemotingClient({ name: 'lab', config });
  const inspector = createInspector({ name: 'lab', config, client, clock });
  return watchPage([{ name: 'lab', kind: 'rocketmq', inspector }], { clock, ...(registry && { registry }) });
}

/** @param name `nameserver-1`, `broker-2` */
export function pidOf({ home }: Pick<RunningRocketmq, 'home'>, name: string): number {
  const found = readLabState(home)?.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`the lab has no process ${name}`);
  return found.pid;
}
