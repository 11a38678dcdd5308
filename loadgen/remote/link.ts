// Exchanges frames between coordinator and worker in order, and ends when the peer falls silent.

import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { silentSeconds } from '../execute/workers/lease.ts';
import {
  createLineCutter,
  decodeFrame,
  encodeFrame,
  type FromWorker,
  mostBytes,
  mostBytesOfStrangers,
  type ToWorker,
} from './frames.ts';

export interface Link<Received, Sent> {
  send(frame: Sent): void;
  /** Allows large frames from now on. */
  allowLargeFrames(): void;
  /** Resolves with the reason when the link ends. */
  readonly ended: Promise<AppError>;
  end(reason?: AppError): void;
  /** Called for each frame; an exception ends the link. */
  onFrame(listener: (frame: Received) => void): void;
}

const lookSeconds = 0.25;

export function createLink<Received extends FromWorker | ToWorker, Sent extends FromWorker | ToWorker>(
  socket: Duplex,
  schema: z.ZodType<Received>,
  other: string,
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
): Link<Received, Sent> {
  const over = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<AppError>();
  let limit = mostBytesOfStrangers;
  let listener: (frame: Received) => void = () => {};
  let receivedAt = clock.monotonic();
  const cut = createLineCutter(() => limit);
  const lost = (why: string, cause?: unknown) =>
    new AppError('coordinator-lost', `the connection to ${other} is lost: ${why}`, { cause });

  function end(reason: AppError): void {
    if (over.signal.aborted) return;
    over.abort();
    resolve(reason);
    // The last frame may still be in transit; the peer closes the connection, or this process does after the delay.
    socket.end();
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  socket.on('data', (chunk: Buffer) => {
    receivedAt = clock.monotonic();
    if (over.signal.aborted) return;
    try {
      for (const line of cut(chunk)) listener(decodeFrame(schema, line));
    } catch (error) {
      end(error instanceof AppError ? error : lost(String(error), error));
    }
  });
  socket.on('error', (cause) => end(lost(cause.message, cause)));
  socket.on('close', () => end(lost('it was closed')));
  socket.on('end', () => end(lost('it was closed')));

  void (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(seconds(lookSeconds), { signal: over.signal }).catch(endOfWait);
      if (clock.monotonic() - receivedAt > silentSeconds) end(lost(`no data for ${silentSeconds} s`));
    }
  })();

  return {
    send(frame) {
      if (!over.signal.aborted) socket.write(encodeFrame(frame));
    },
    allowLargeFrames: () => void (limit = mostBytes),
    ended,
    end: (reason = lost('it was closed by this side')) => end(reason),
    onFrame: (given) => void (listener = given),
  };
}
