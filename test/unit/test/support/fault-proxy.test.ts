import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../support/fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startFaultProxy();
  proxy.leadTo(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy[Symbol.asyncDispose]();
  await new Promise((resolve) => echo.close(resolve));
});

/** A connection through the proxy: received bytes, and how it ended. */
async function dial() {
  const [host, port] = proxy.address.split(':');
  const socket = connect(Number(port), host);
  clients.push(socket);
  const seen = { text: '', ended: false, error: undefined as string | undefined };
  socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString()));
  socket.on('end', () => (seen.ended = true));
  socket.on('error', (cause: NodeJS.ErrnoException) => (seen.error = cause.code));
  await once(socket, 'connect');
  return { socket, seen };
}

async function dialled() {
  const link = await dial();
  link.socket.write('hello ');
  await expect.poll(() => link.seen.text).toBe('hello ');
  return link;
}

/** A reset may arrive before the connection is established or right after. */
async function resetOfDial(): Promise<string | undefined> {
  try {
    const { socket } = await dial();
    const [cause] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    return cause.code;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code;
  }
}

test('without a fault it forwards both directions and the end', async () => {
  const { socket, seen } = await dialled();
  socket.end('bye');
  await expect.poll(() => seen).toEqual({ text: 'hello bye', ended: true, error: undefined });
  await expect.poll(() => proxy.connections).toBe(0);
});

test('a black hole responds to nothing, stays open, and drops the bytes for good', async () => {
  const { socket, seen } = await dialled();
  proxy.set({ kind: 'black-hole' });
  socket.write('lost ');
  const late = await dial();
  late.socket.write('lost too');
  await expect.poll(() => proxy.lostBytes).toBe('lost lost too'.length);
  proxy.set({ kind: 'none' });
  socket.write('found');
  await expect.poll(() => seen.text).toBe('hello found');
  expect(late.seen).toEqual({ text: '', ended: false, error: undefined });
});

test('a half-open connection forwards a number of bytes and then none, in the given direction', async () => {
  const { socket, seen } = await dialled();
  proxy.set({ kind: 'black-hole', afterBytes: 3 }, 'to-client');
  socket.write('abcdef');
  await expect.poll(() => seen.text).toBe('hello abc');
  proxy.set({ kind: 'none' });
  socket.write('|');
  await expect.poll(() => seen.text).toBe('hello abc|');
});

test('a cut ends the connection in the middle of the data', async () => {
  const { socket, seen } = await dialled();
  proxy.set({ kind: 'cut', afterBytes: 4 }, 'to-client');
  socket.write('abcdef');
  await expect.poll(() => seen).toMatchObject({ text: 'hello abcd', ended: true });
});

test('a reset affects existing and new connections', async () => {
  const { seen } = await dialled();
  proxy.set({ kind: 'reset' });
  await expect.poll(() => seen.error).toBe('ECONNRESET');
  await expect(resetOfDial()).resolves.toBe('ECONNRESET');
});

test('delayed data arrives in order, and at once when the delay is removed', async () => {
  const { socket, seen } = await dialled();
  proxy.set({ kind: 'delay', milliseconds: 3_600_000 }, 'to-client');
  socket.write('one ');
  socket.write('two ');
  const other = await dial();
  other.socket.write('other');
  await expect.poll(() => proxy.connections).toBe(2);
  expect(seen.text).toBe('hello ');
  proxy.set({ kind: 'delay', milliseconds: 1 }, 'to-client');
  await expect.poll(() => seen.text).toBe('hello one two ');
});

test('refuse rejects connections, resets existing ones, and accepts on the same port afterwards', async () => {
  const { seen } = await dialled();
  await proxy.refuse();
  await expect.poll(() => seen.error).toBe('ECONNRESET');
  await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.accept();
  await dialled();
});

test('a proxy without a target accepts connections and never responds', async () => {
  await using nowhere = await startFaultProxy();
  const [host, port] = nowhere.address.split(':');
  const socket = connect(Number(port), host);
  clients.push(socket);
  socket.on('error', () => undefined).write('anybody?');
  await expect.poll(() => nowhere.lostBytes).toBe('anybody?'.length);
});

test('an abandoned connection stays half-open, and a new one works', async () => {
  const { socket, seen } = await dialled();
  proxy.abandon();
  socket.write('lost');
  await expect.poll(() => proxy.lostBytes).toBe('lost'.length);
  proxy.set({ kind: 'none' });
  await dialled();
  expect(seen).toEqual({ text: 'hello ', ended: false, error: undefined });
});
