// Sends a value and waits until it can be pulled from the queue and offset in its acknowledgement.

import type { Echo, EchoPosition } from '../driver.ts';
import { NotRouted, queuesOf, type TopicQueue } from './topic-queues.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { ask } from './ask.ts';
import { checkStored } from './send-outcome.ts';
import { type NameServers, readMergedRoute } from './name-servers.ts';
import { toolsGroup } from './inspect/topic-kind.ts';
import { readPulledBodies } from './protocol/message.ts';
import { createUniqueKeys } from './protocol/message-id.ts';
import { encodeProperties, propertyNames } from './protocol/message-properties.ts';
import { encodePullMessage } from './protocol/message-requests.ts';
import { encodeSendMessageV2 } from './protocol/send-message.ts';
import type { RemotingClient } from './protocol/frame.ts';

const producerGroup = 'plimsoll-canary';

/** Safety limit, since the caller sets the deadline; a process silent for this long counts as unreachable. */
const within = seconds(120);
/** How long the broker may hold a pull until the message is in the queue. */
const waitMs = 5000;
/** Pause before the next pull: a queue that lags behind the commit log refuses later offsets at once. */
const aheadPause = seconds(0.05);

/** @param own client used only by the echo, and closed with it */
export function createEcho(own: RemotingClient, nameServers: NameServers, topic: string): Echo {
  const nextKey = createUniqueKeys(systemClock);
  let queues: ReadonlyMap<number, TopicQueue> = new Map();

  const queueOf = ({ partition, broker }: EchoPosition, action: string): TopicQueue => {
    const queue = queues.get(partition);
    if (queue?.brokerName === broker) return queue;
    throw new AppError('broker-refused', `cannot ${action}: the queue is no longer on ${broker}`);
  };

  return {
    async places(io) {
      const route = await readMergedRoute({ ...nameServers, client: own }, topic, io);
      if (route === undefined) throw new NotRouted(topic, nameServers.cluster);
      queues = new Map(queuesOf(topic, route).map((queue) => [queue.partition, queue]));
      return [...queues.values()]
        .filter(({ isWritable, isReadable }) => isWritable && isReadable)
        .map(({ partition, brokerName }) => ({ partition, broker: brokerName }));
    },

    async send(place, value, io) {
      const action = `send to ${topic}-${place.partition}`;
      const { address, queueId } = queueOf(place, action);
      const properties = encodeProperties(new Map([[propertyNames.uniqueKey, nextKey()]]));
      const message = { producerGroup, topic, queueId, sysFlag: 0, bornAtMs: Date.now(), properties, body: value };
      const request = encodeSendMessageV2(message);
      const receipt = await ask(own, { action, address }, request, { ...io, within });
      checkStored(receipt, { action, address }, 'all');
      return receipt.queueOffset;
    },

    async read(place, offset, io) {
      const action = `read ${topic}-${place.partition} at ${offset}`;
      const { address, queueId } = queueOf(place, action);
      const pull = { consumerGroup: toolsGroup, topic, queueId, offset, maxMessages: 1, waitMs };
      for (;;) {
        const request = encodePullMessage(pull);
        const pulled = await ask(own, { action, address }, request, { ...io, within });
        if (pulled.kind === 'found') {
          const [value] = readPulledBodies(pulled.messages, offset).values;
          return value && Buffer.from(value);
        }
        if (pulled.next > offset) return undefined;
        await systemClock.sleep(aheadPause, io);
      }
    },

    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}
