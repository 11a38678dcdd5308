// Scripts the responses of a Kafka broker by API key, over a real socket.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/*
 * Frame     size int32, of the rest
 * Request   api key int16, version int16, correlation id int32, client id nullable string (int16 length), body
 * Response  correlation id int32, body
 */

export interface ScriptedRequest {
  apiKey: number;
  version: number;
  body: Buffer;
  /** Index of the connection, from 0. */
  connection: number;
}

/** @returns the bytes after the correlation id; undefined sends no response */
export type ScriptedAnswer = (request: ScriptedRequest) => Buffer | Promise<Buffer> | undefined;

export interface ScriptedKafka extends AsyncDisposable {
  readonly address: string;
  /** API keys in the order of the requests. */
  readonly asked: readonly number[];
  /** Closes its connections, like a broker that restarts. */
  drop(): void;
}

export const apiKeys = { metadata: 3, saslHandshake: 17, apiVersions: 18, saslAuthenticate: 36 } as const;

/** A request without a scripted response closes the connection, like an unexpected request at a broker. */
export async function startScriptedKafka(answers: Readonly<Record<number, ScriptedAnswer>>): Promise<ScriptedKafka> {
  const sockets = new Set<Socket>();
  const asked: number[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const connection = connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + frame.length);
        void respond(socket, frame, connection);
      }
    });
  });

  async function respond(socket: Socket, frame: Buffer, connection: number): Promise<void> {
    const apiKey = frame.readInt16BE(0);
    asked.push(apiKey);
    const answer = answers[apiKey];
    if (answer === undefined) return void socket.destroy();
    const body = frame.subarray(10 + Math.max(0, frame.readInt16BE(8)));
    const bytes = await answer({ apiKey, version: frame.readInt16BE(2), body, connection });
    if (bytes === undefined || !socket.writable) return;
    socket.write(Buffer.concat([int32(4 + bytes.length), frame.subarray(4, 8), bytes]));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    drop,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}

/** Response to ApiVersions up to version 2, which both clients send to a broker with these ranges. */
export function apiVersionsAnswer(
  { version }: ScriptedRequest,
  ranges: Readonly<Record<number, readonly [min: number, max: number]>>,
): Buffer {
  const rows = Object.entries(ranges).map(([key, [min, max]]) => int16(Number(key), min, max));
  return Buffer.concat([int16(0), int32(rows.length), ...rows, ...(version > 0 ? [int32(0)] : [])]);
}

/** Response to SaslHandshake version 1. */
export function saslHandshakeAnswer(mechanism: string): Buffer {
  return Buffer.concat([int16(0), int32(1), int16(mechanism.length), Buffer.from(mechanism)]);
}

/** Response to SaslAuthenticate version 1; an error code means a refusal. */
export function saslAuthenticateAnswer({ errorCode = 0, sessionLifetimeMs = 0 } = {}): Buffer {
  const lifetime = Buffer.alloc(8);
  lifetime.writeBigInt64BE(BigInt(sessionLifetimeMs));
  return Buffer.concat([int16(errorCode, -1), int32(0), lifetime]);
}

/** Returns user and password of a SaslAuthenticate request with PLAIN. */
export const plainCredentials = ({ body }: ScriptedRequest): string[] =>
  body.subarray(4).toString('utf8').split('\0').slice(1);

function int16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt16BE(value, 2 * index);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
