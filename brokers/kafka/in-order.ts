// Serializes sends per partition; different partitions proceed concurrently.

import type { OutgoingBatch, SendIo, TrafficProducer } from '../driver.ts';
import { untilAborted } from '../../core/clock.ts';
import { ignoreFault } from '../../core/errors.ts';

type Send = TrafficProducer['send'];

/** Starts each send when the previous send to its partition has ended, successfully or not. */
export function inOrder(send: Send): Send {
  const last = new Map<string, Promise<void>>();
  return (batch, io) => {
    const place = `${batch.topic} ${batch.partition}`;
    const before = last.get(place);
    const sending = before === undefined ? send(batch, io) : afterwards(before, send, batch, io);
    const ended = sending.catch(ignoreFault('the sender of that batch gets the failure'));
    last.set(place, ended);
    return sending;
  };
}

async function afterwards(before: Promise<void>, send: Send, batch: OutgoingBatch, io: SendIo): Promise<void> {
  await untilAborted(before, io.signal);
  await send(batch, io);
}
