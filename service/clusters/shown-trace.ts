// Prepares the trace of a RocketMQ message for its page, without keys, tags and properties.

import { findTraces, type MessageTrace } from '../../app/observe/message-trace.ts';
import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, FoundMessage } from '../../brokers/lookup.ts';
import { propertyNames } from '../../brokers/rocketmq/protocol/message-properties.ts';
import type { ShownTrace } from '../../dashboards/web/cluster/message-trace.ts';

/** @returns the id under which clients trace a message: only for RocketMQ messages sent by a client */
export function traceIdOf({ brokerName, properties }: FoundMessage): string | undefined {
  if (brokerName === undefined) return undefined;
  return properties.find(([name]) => name === propertyNames.uniqueKey)?.[1].toString('utf8');
}

/** @returns undefined if no client traced the message. @throws AppError with the fault of the brokers */
export async function readTrace(
  lookup: Pick<ClusterLookup, 'messages'>,
  id: string,
  io: Io,
): Promise<ShownTrace | undefined> {
  const { traces, isCut } = await findTraces(lookup, id, io);
  const trace = traces.find(({ msgId }) => msgId === id);
  return trace && { ...shownTrace(trace), isCut };
}

const isoOf = (atMs: number) => new Date(atMs).toISOString();

function shownTrace({ sent, consumptions, transactions }: MessageTrace): Omit<ShownTrace, 'isCut'> {
  const sender = sent?.clientHost ?? sent?.client;
  return {
    ...(sent && {
      sent: {
        at: isoOf(sent.atMs),
        ...(sender !== undefined && { client: sender }),
        group: sent.group,
        storedBy: sent.storeHost,
        seconds: sent.costMs / 1000,
        isSuccess: sent.isSuccess,
      },
    }),
    consumptions: consumptions.map(({ group, client, beganAtMs, retries, costMs, isSuccess, outcome }) => ({
      group,
      ...(client !== undefined && { client }),
      ...(beganAtMs !== undefined && { beganAt: isoOf(beganAtMs) }),
      ...(retries !== undefined && { retries }),
      ...(costMs !== undefined && { seconds: costMs / 1000 }),
      ...(isSuccess !== undefined && { outcome: outcome ?? (isSuccess ? 'SUCCESS' : 'FAILED') }),
    })),
    transactions: transactions.map(({ atMs, state }) => ({ at: isoOf(atMs), state })),
  };
}
