// Sends values through a proxy, without retry; the proxy chooses the queue of each request.

import type { Io, OutgoingBatch, ProducerOptions, SendIo, TrafficProducer } from '../../driver.ts';
import { identity, type Message, messageTypes, methods, normalMessage } from './messages.ts';
import type { ProxyClient } from './proxy-client.ts';
import { checkStatus, checkStored, typeHint } from './status.ts';
import { seconds, systemClock, untilAborted } from '../../../core/clock.ts';
import { AppError, awaitedElsewhere } from '../../../core/errors.ts';
import { allSent } from '../../send-fate.ts';
import { refuseUnsupported } from '../../unsupported.ts';
import { parts } from '../outgoing.ts';
import { createUniqueKeys } from '../protocol/message-id.ts';
import { createSession, keepAlive } from './session.ts';

/** Time that a proxy allows a broker (ProxyConfig of 5.x), plus a second for the network. */
const sendWithin = seconds(10);

/**
 * @param client used only by this producer, and closed with it. @throws AppError unsupported-broker for options that a
 * proxy does not support
 */
export function createProxyProducer(client: ProxyClient, options: ProducerOptions): TrafficProducer {
  checkOptions(options);
  const { acks, requests = 'batch' } = options;
  const session = createSession(client);
  const nextId = createUniqueKeys(systemClock);
  const over = new AbortController();
  const topics = new Map<string, Promise<void>>();
  let beating: Promise<void> | undefined;

  /** Checks each topic once, so that a topic of another type is refused before the first send. */
  function prepared(topic: string): Promise<void> {
    let preparing = topics.get(topic);
    if (preparing === undefined) {
      preparing = prepare(topic);
      topics.set(topic, preparing);
      preparing.catch(() => topics.delete(topic));
    }
    return preparing;
  }

  async function prepare(topic: string): Promise<void> {
    const io = { signal: over.signal };
    await checkTopic(client, topic, io);
    await session.announce({ kind: 'producer', topics: [...topics.keys()] }, io);
    beating ??= keepAlive(session, io);
  }

  async function put(batch: OutgoingBatch, from: number, to: number, bornAt: Message['system']['bornAt'], io: Io) {
    const { topic, values, keys, tag } = batch;
    const action = `send to ${topic}`;
    const messages = values.slice(from, to).map((body, index): Message => {
      const key = keys?.[from + index];
      return {
        topic: client.resource(topic),
        system: {
          ...(tag !== undefined && { tag }),
          ...(key !== undefined && { keys: [key.toString()] }),
          messageId: nextId(),
          encoding: identity,
          type: normalMessage,
          ...(bornAt && { bornAt }),
        },
        body,
      };
    });
    const answer = await client.call(methods.sendMessage, { messages }, { ...io, action, within: sendWithin });
    const attempt = { action, proxy: client.where };
    // A request that failed completely has no receipts.
    if (answer.receipts.length === 0) checkStatus(answer.status, attempt);
    await allSent(answer.receipts.map(async ({ status }) => checkStored(status, attempt, acks)));
  }

  return {
    choosesPartition: 'broker',
    async send(batch, io: SendIo) {
      io.signal.throwIfAborted();
      const { values, delay, topic } = batch;
      if (delay !== undefined) refuse(`cannot send to ${topic}: delays`);
      await untilAborted(prepared(topic), io.signal);
      const bornAt = momentOf(Date.now());
      const ranges =
        requests === 'single'
          ? values.map((_, index) => ({ from: index, to: index + 1 }))
          : [...parts(values.map(({ length }) => length))];
      await allSent(
        ranges.map(async ({ from, to }) => {
          await put(batch, from, to, bornAt, io);
          io.onAcknowledged?.(from, to);
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      over.abort(new AppError('aborted', 'the producer is closed'));
      await beating?.catch(awaitedElsewhere);
      await session[Symbol.asyncDispose]();
      client[Symbol.dispose]();
    },
  };
}

/** @throws AppError broker-refused if the topic does not exist or accepts no normal messages */
async function checkTopic(client: ProxyClient, topic: string, io: Io): Promise<void> {
  const action = `ask where topic ${topic} is`;
  const { endpoints, where: proxy } = client;
  const request = { topic: client.resource(topic), endpoints };
  const { status, queues } = await client.call(methods.queryRoute, request, { ...io, action });
  checkStatus(status, { action, proxy });
  const accepted = new Set(queues.flatMap(({ accepts = [] }) => accepts));
  if (accepted.size === 0 || accepted.has(normalMessage)) return;
  const types = [...accepted].map((type) => messageTypes[type] ?? `type ${type}`).join(', ');
  throw new AppError(
    'broker-refused',
    `cannot send to ${topic}: through proxy ${proxy} it accepts ${types} messages only`,
    {
      hint: typeHint,
    },
  );
}

function checkOptions({ acks, idempotent, compression = 'none', ordered, transactions }: ProducerOptions): void {
  if (acks === 'none') refuse('acks none');
  if (idempotent === true) refuse('idempotent sends');
  if (compression !== 'none') refuse('compression');
  if (ordered === true) refuse('ordered sends');
  if (transactions !== undefined) refuse('transactions');
}

function refuse(what: string): never {
  refuseUnsupported(
    `${what} are not supported through a RocketMQ proxy`,
    'remove that option, or remove `proxy` under clusters.<name> to send over remoting',
  );
}

const momentOf = (milliseconds: number) => ({
  seconds: Math.floor(milliseconds / 1000),
  nanos: (milliseconds % 1000) * 1_000_000,
});
