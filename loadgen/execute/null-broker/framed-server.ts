// Serves length-prefixed frames, the framing of both broker kinds, and responds to each at once.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * @param frame bytes after the length
 * @returns the response with its length; undefined if none is expected; `unspoken` for a request that closes the
 * connection
 * @throws AppError if the frame cannot be parsed, which also closes the connection
 */
export type NullBroker = (frame: Buffer) => Buffer | undefined | 'unspoken';

export interface NullBrokerOptions {
  /** Partitions of every topic; queues on RocketMQ. */
  partitions: number;
  address: () => [string, number];
}

export type FramedServer = Awaited<ReturnType<typeof serveFrames>>;

/** Only programs on this machine can connect. */
export const loopback = '127.0.0.1';

export async function serveFrames(answer: NullBroker, mostBytes: number) {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const held = new HeldBytes(mostBytes);
    socket.on('data', (chunk) => {
      const answers: Buffer[] = [];
      try {
        for (const frame of held.push(chunk)) {
          const said = answer(frame);
          if (said === 'unspoken') return void socket.destroy();
          if (said !== undefined) answers.push(said);
        }
      } catch {
        return void socket.destroy();
      }
      if (answers.length > 0) socket.write(Buffer.concat(answers));
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, loopback), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Collects received chunks, so that memory grows with the bytes received and not with an announced length. */
export class HeldBytes {
  readonly #mostBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = 4;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** @throws RangeError for a length below 0 or above the limit */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: Buffer[] = [];
    let at = 0;
    for (;;) {
      this.#wanted = this.#wantedAt(bytes, at);
      if (bytes.length - at < this.#wanted) break;
      frames.push(bytes.subarray(at + 4, at + this.#wanted));
      at += this.#wanted;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#bytes = bytes.length - at;
    return frames;
  }

  #wantedAt(bytes: Buffer, at: number): number {
    if (bytes.length - at < 4) return 4;
    const length = bytes.readInt32BE(at);
    if (length < 0 || length > this.#mostBytes) throw new RangeError(`a frame of ${length} bytes is announced`);
    return 4 + length;
  }
}
