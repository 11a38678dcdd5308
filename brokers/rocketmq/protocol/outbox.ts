// Collects the frames of one event loop turn in a buffer and writes them with one call.

import type { Socket } from 'node:net';

/** Size of a chunk: about ninety sends of 500 bytes. */
const chunkBytes = 64 * 1024;
/** Number of written chunks kept for reuse by any connection; only a peer that reads slowly needs more. */
const mostSpare = 32;
const spare: Buffer[] = [];
const noBytes = Buffer.alloc(0);

type OnLeft = (cause?: Error | null) => void;

export class Outbox {
  readonly #socket: Socket;
  #bytes: Buffer = noBytes;
  #used = 0;
  #onLeft: OnLeft[] = [];
  #isDue = false;
  readonly #flush = () => {
    this.#isDue = false;
    this.#write();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Buffer for the position that the last `reserve` returned. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** @returns the position in `bytes` where the caller must write `size` bytes synchronously */
  reserve(size: number): number {
    if (this.#used + size > this.#bytes.length) {
      this.#write();
      this.#bytes =
        (size <= chunkBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(size, chunkBytes));
    }
    if (!this.#isDue) {
      this.#isDue = true;
      process.nextTick(this.#flush);
    }
    const at = this.#used;
    this.#used += size;
    return at;
  }

  add(frame: Buffer): void {
    const at = this.reserve(frame.length);
    frame.copy(this.#bytes, at);
  }

  /** Calls back when all bytes added so far are written, or when the write failed. */
  whenLeft(then: OnLeft): void {
    this.#onLeft.push(then);
  }

  #write(): void {
    if (this.#used === 0) return;
    const bytes = this.#bytes;
    const used = this.#used;
    const onLeft = this.#onLeft;
    this.#used = 0;
    if (onLeft.length > 0) this.#onLeft = [];
    this.#socket.write(bytes.subarray(0, used), (cause) => {
      if (bytes.length === chunkBytes && spare.length < mostSpare) spare.push(bytes);
      for (const then of onLeft) then(cause);
    });
    // The socket owns the bytes until they are written.
    this.#bytes = noBytes;
  }
}
