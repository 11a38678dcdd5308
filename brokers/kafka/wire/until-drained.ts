// Waits until the kernel has taken the data of a full socket, so that requests without an answer do not fill memory.

import type { Socket } from 'node:net';
import { untilAborted } from '../../../core/clock.ts';

/** Promises of full sockets, because many senders wait for the same socket. */
const draining = new WeakMap<Socket, Promise<void>>();

/** @returns at once unless the buffer is full. @throws an error when the socket closes first, or the signal's reason */
export async function untilDrained(socket: Socket, signal: AbortSignal): Promise<void> {
  const pending = draining.get(socket);
  if (pending !== undefined) await untilAborted(pending, signal);
  else if (socket.writableNeedDrain) await untilAborted(drainOf(socket), signal);
}

function drainOf(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onDrain = () => {
    forget();
    resolve();
  };
  const onClose = () => {
    forget();
    reject(new Error('the connection closed'));
  };
  const forget = () => {
    draining.delete(socket);
    socket.off('drain', onDrain).off('close', onClose);
  };
  socket.on('drain', onDrain).on('close', onClose);
  draining.set(socket, promise);
  return promise;
}
