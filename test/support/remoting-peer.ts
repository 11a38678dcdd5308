// Serves RocketMQ frames over TCP in process.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { encodeFrame, FrameReader } from '../../brokers/rocketmq/protocol/frame-codec.ts';
import type { Frame } from '../../brokers/rocketmq/protocol/frame.ts';

export interface RemotingPeer extends AsyncDisposable {
  address: string;
  /** Number of connections accepted so far. */
  readonly connections: number;
  /** Every received frame, in order. */
  readonly received: readonly Frame[];
  /** Currently open sockets. */
  readonly sockets: ReadonlySet<Socket>;
}

export type OnFrame = (frame: Frame, say: (frame: Frame) => void, socket: Socket) => void;

/** @param port 0 chooses any free one */
export async function startRemotingPeer(onFrame: OnFrame, port = 0): Promise<RemotingPeer> {
  const received: Frame[] = [];
  return startTcpPeer(
    (socket) => {
      const reader = new FrameReader();
      const say = (frame: Frame) => void socket.write(encodeFrame(frame));
      socket.on('data', (chunk) => {
        for (const frame of reader.push(chunk)) {
          received.push(frame);
          onFrame(frame, say, socket);
        }
      });
    },
    { port, received },
  );
}

/** Serves any other protocol. */
export async function startTcpPeer(
  onConnection: (socket: Socket) => void,
  { port = 0, received = [] }: { port?: number; received?: readonly Frame[] } = {},
): Promise<RemotingPeer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    sockets,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Returns the response of a healthy broker. */
export const answerTo = (request: Frame, over: Partial<Frame> = {}): Frame => ({
  code: 0,
  opaque: request.opaque,
  isResponse: true,
  isOneWay: false,
  fields: {},
  body: Buffer.alloc(0),
  ...over,
});
