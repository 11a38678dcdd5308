// Proxies a Kafka broker and lets the test replace each response.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/*
 * Frame     size     int32, of the rest
 * Request   api key  int16
 * version  int16
 * correlation id  int32
 * Response  correlation id  int32, of its request
 */

/** @param answer the bytes after the correlation id. @returns the bytes that the client receives instead */
export type ChangeAnswer = (apiKey: number, answer: Buffer) => Buffer;

export interface AnswerProxy extends AsyncDisposable {
  readonly address: string;
}

export const listOffsetsKey = 2;
export const listGroupsKey = 16;

export async function startAnswerProxy(upstream: string, change: ChangeAnswer): Promise<AnswerProxy> {
  const colon = upstream.lastIndexOf(':');
  const target = { host: upstream.slice(0, colon), port: Number(upstream.slice(colon + 1)) };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(target);
    const apiKeys = new Map<number, number>();
    forward(client, broker, (frame) => {
      apiKeys.set(frame.readInt32BE(4), frame.readInt16BE(0));
      return frame;
    });
    forward(broker, client, (frame) => {
      const changed = change(apiKeys.get(frame.readInt32BE(0)) ?? -1, frame.subarray(4));
      return Buffer.concat([frame.subarray(0, 4), changed]);
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function forward(from: Socket, to: Socket, change: (frame: Buffer) => Buffer): void {
  let pending: Buffer = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const frame = change(pending.subarray(4, 4 + pending.readInt32BE(0)));
      pending = pending.subarray(4 + pending.readInt32BE(0));
      const size = Buffer.alloc(4);
      size.writeInt32BE(frame.length);
      if (to.writable) to.write(Buffer.concat([size, frame]));
    }
  });
}

/**
 * Sets the error code of the first partition of a topic in a ListOffsets response from version 6.
 *
 * topic       compact string: length + 1 as varint, bytes
 * partitions  compact array: count + 1 as varint; each: index int32, error code int16, …
 */
export function withErrorCode(answer: Buffer, topic: string, code: number): Buffer {
  const name = Buffer.concat([Buffer.from([topic.length + 1]), Buffer.from(topic)]);
  const at = answer.indexOf(name);
  if (at < 0) return answer;
  const changed = Buffer.from(answer);
  changed.writeInt16BE(code, at + name.length + 1 + 4);
  return changed;
}
