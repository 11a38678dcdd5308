// Detects the protocol on a port that does not speak Kafka as configured.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { untilAborted } from '../../../core/clock.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import { splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';

/** Timeout of all probes together, since a user who mistook a port is waiting. */
const probeTimeoutMs = 2000;

type Listener = 'kafka' | 'tls' | 'zookeeper' | 'rocketmq' | 'http';

const opaque = 0x706c696d;

/*
 * Kafka      ApiVersions v0: size int32, api key int16 = 18, version int16 = 0, correlation id int32, client id null (-1)
 *            answered with size int32, correlation id int32
 * ZooKeeper  srvr, the only four-letter word every server since 3.5.3 answers
 * RocketMQ   GET_BROKER_CLUSTER_INFO: length int32, header length int32 (high byte 0: JSON), header
 *            answered in the same form, with the same `opaque`
 */
const kafkaQuestion = Buffer.from(`0000000a00120000${opaque.toString(16)}ffff`, 'hex');
const rocketmqHeader = Buffer.from(JSON.stringify({ code: 106, language: 'JAVA', version: 0, opaque, flag: 0 }));
const rocketmqQuestion = Buffer.concat([Buffer.alloc(8), rocketmqHeader]);
rocketmqQuestion.writeInt32BE(4 + rocketmqHeader.length, 0);
rocketmqQuestion.writeInt32BE(rocketmqHeader.length, 4);

const questions: Readonly<Record<Exclude<Listener, 'tls'>, { ask: Buffer; isAnswer(answer: Buffer): boolean }>> = {
  kafka: { ask: kafkaQuestion, isAnswer: (answer) => answer.length >= 8 && answer.readInt32BE(4) === opaque },
  zookeeper: {
    ask: Buffer.from('srvr'),
    isAnswer: (answer) =>
      /^Zookeeper version|^This ZooKeeper instance|^srvr is not executed/.test(answer.toString('latin1')),
  },
  rocketmq: { ask: rocketmqQuestion, isAnswer: (answer) => answer.toString('latin1').includes(`"opaque":${opaque}`) },
  http: {
    ask: Buffer.from('GET / HTTP/1.0\r\n\r\n'),
    isAnswer: (answer) => answer.toString('latin1', 0, 7) === 'HTTP/1.',
  },
};

const listenerMessages: Readonly<Record<Listener, readonly [what: string, hint: string]>> = {
  kafka: ['the listener does not speak TLS', 'remove `tls` of the cluster, or use the port of a listener with TLS'],
  tls: ['the listener speaks TLS', 'add `tls` to the cluster, with `ca` for an internal certificate authority'],
  zookeeper: [
    'a ZooKeeper server listens on this port',
    'use the address of a broker (its `listeners`); ZooKeeper servers belong under `zookeeper`',
  ],
  rocketmq: [
    'a RocketMQ server listens on this port',
    'for a RocketMQ cluster set `broker: rocketmq` and its name servers under `namesrv`',
  ],
  http: [
    'an HTTP server listens on this port',
    "use the port of the broker's listener (default 9092); a JMX agent belongs under `jmx`",
  ],
};

/**
 * Runs the work; if no Kafka broker answers, reports which protocol was found.
 *
 * @throws AppError of the work, or with the found protocol
 */
export async function withListenerHint<Value>(
  attempt: string,
  address: string,
  { tls }: Pick<KafkaClusterConfig, 'tls'>,
  { signal }: Io,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'broker-unreachable' || signal.aborted) throw cause;
    const found = await detectListener(address, AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]));
    // A listener that speaks the configured protocol failed for another reason.
    if (found === undefined || found === (tls === undefined ? 'kafka' : 'tls')) throw cause;
    const [what, hint] = listenerMessages[found];
    throw new AppError('broker-unreachable', `cannot ${attempt} on ${address}: ${what}`, { cause, hint });
  }
}

async function detectListener(address: string, signal: AbortSignal): Promise<Listener | undefined> {
  const guesses = Object.entries(questions).map(async ([listener, { ask, isAnswer }]) => {
    const answer = await answerTo(ask, connect(splitAddress(address)), signal);
    if (!isAnswer(answer)) throw new Error('somebody else');
    return listener as Listener;
  });
  const isTls = completeTlsHandshake(address, signal).then(() => 'tls' as const, ignoreFault('no TLS'));
  // A RocketMQ server accepts TLS and plain text on the same port, so its answer has precedence.
  const spoken = await Promise.any(guesses).catch(ignoreFault('no known protocol'));
  return spoken ?? isTls;
}

/** Returns the first bytes of the answer. */
async function answerTo(question: Buffer, socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  socket
    .on('data', resolve)
    .on('error', reject)
    .on('close', () => reject(new Error('closed')));
  socket.write(question);
  return await untilAborted(promise, signal).finally(() => socket.destroy());
}

async function completeTlsHandshake(address: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connectTls({ ...splitAddress(address), rejectUnauthorized: false }, () => resolve());
  socket.on('error', (cause) => {
    // A listener that requires a client certificate has spoken TLS too.
    if (/ALERT|CERTIFICATE_REQUIRED/.test((cause as NodeJS.ErrnoException).code ?? '')) resolve();
    else reject(cause);
  });
  socket.on('close', () => reject(new Error('closed')));
  await untilAborted(promise, signal).finally(() => socket.destroy());
}
