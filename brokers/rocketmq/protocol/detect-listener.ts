// Detects a Kafka broker or TLS listener on a port that closed a plain RocketMQ connection.

import { addAbortSignal } from 'node:stream';
import { ignoreFault } from '../../../core/errors.ts';
import { openSocket } from '../../open-socket.ts';

/*
 * Kafka's ApiVersions request, version 0, which every broker since 0.10 answers:
 *
 *   size int32 · api key int16 = 18 · version int16 = 0 · correlation id int32 · client id int16 length = -1
 *
 * The answer starts with its size and the same correlation id.
 */
const correlationId = '706c696d';
const apiVersions = Buffer.from(`0000000a00120000${correlationId}ffff`, 'hex');

/** Guesses the protocol of a listener for an error message; a failed probe counts as no answer. */
export async function detectListener(address: string, signal: AbortSignal): Promise<'kafka' | 'tls' | undefined> {
  if (await isKafka(address, signal).catch(ignoreFault('a failed probe says nothing'))) return 'kafka';
  if (await isTls(address, signal).catch(ignoreFault('a failed probe says nothing'))) return 'tls';
  return undefined;
}

async function isKafka(address: string, signal: AbortSignal): Promise<boolean> {
  const socket = await openSocket(address, undefined, signal);
  addAbortSignal(signal, socket);
  socket.write(apiVersions);
  for await (const answer of socket) return (answer as Buffer).toString('hex', 4, 8) === correlationId;
  return false;
}

async function isTls(address: string, signal: AbortSignal): Promise<boolean> {
  const socket = await openSocket(address, { verify: false }, signal);
  socket.destroy();
  return true;
}
