import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import {
  createRemotingClient,
  type RemotingOptions,
} from '../../../../../brokers/rocketmq/protocol/remoting-client.ts';
import { type Clock, seconds } from '../../../../../core/clock.ts';
import { SecretReference } from '../../../../../core/secret.ts';
import { answerTo, startRemotingPeer, startTcpPeer } from '../../../../support/remoting-peer.ts';

const patience = () => ({ signal: AbortSignal.timeout(10_000) });
const question = (code = 28) => ({ code, fields: {} });
const clientOf = (over: Partial<RemotingOptions> = {}) => createRemotingClient({ name: 'shop', config: {}, ...over });

function manualClock(): Clock & { pass(duration: number): void } {
  let at = 0;
  return {
    now: () => new Date(at * 1000),
    monotonic: () => seconds(at),
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    pass: (duration) => void (at += duration),
  };
}

/** Returns a port that was just closed, for the next listener to take. */
async function freePort(): Promise<number> {
  await using peer = await startTcpPeer(() => {});
  return Number(peer.address.split(':')[1]);
}

const outcome = async (work: Promise<unknown>) => {
  try {
    return { answer: await work };
  } catch (fault) {
    const { code, message, hint } = fault as { code?: string; message: string; hint?: string };
    return { code, message, hint };
  }
};

test('responses in any order reach their requests over one connection', async () => {
  const held: (() => void)[] = [];
  await using peer = await startRemotingPeer((frame, say) => {
    held.unshift(() => say(answerTo(frame, { fields: { of: String(frame.code) } })));
    if (held.length === 50) for (const go of held) go();
  });
  await using client = clientOf();
  const codes = Array.from({ length: 50 }, (_, index) => 100 + index);
  const answers = await Promise.all(codes.map((code) => client.ask(peer.address, question(code), patience())));
  expect(answers.map(({ fields }) => Number(fields['of']))).toEqual(codes);
  expect(peer.connections).toBe(1);
});

test('a connection unused for an hour is closed when another one is opened', async () => {
  await using left = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  await using stays = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  await using comes = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  const clock = manualClock();
  await using client = clientOf({ clock });
  const ask = ({ address }: { address: string }) => client.ask(address, question(), patience());
  await Promise.all([ask(left), ask(stays)]);
  clock.pass(3590);
  await ask(stays);
  clock.pass(10);
  await ask(comes);
  await vi.waitFor(() => expect([left, stays, comes].map(({ sockets }) => sockets.size)).toEqual([0, 1, 1]));
});

test('a response with an error code is returned with its remark and body', async () => {
  const said = { code: 17, remark: 'No topic route info', body: Buffer.from('x'), fields: { a: 'b' } };
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame, said)));
  await using client = clientOf();
  expect(await client.ask(peer.address, question(), patience())).toEqual(said);
});

test('a broken connection fails all pending requests, with address and cause', async () => {
  const three = Promise.withResolvers<void>();
  await using peer = await startRemotingPeer((frame, say, socket) => {
    if (frame.code === 1) return say(answerTo(frame));
    if (peer.received.length === 4) {
      socket.destroy();
      three.resolve();
    }
  });
  await using client = clientOf();
  await client.ask(peer.address, question(1), patience());
  const asks = [2, 3, 4].map((code) => outcome(client.ask(peer.address, question(code), patience())));
  await three.promise;
  const fault = {
    code: 'broker-unreachable',
    message: `cannot reach ${peer.address} of cluster shop: the connection was closed`,
  };
  expect(await Promise.all(asks)).toMatchObject([fault, fault, fault]);
});

test('the next request replaces a connection that worked and broke', async () => {
  await using peer = await startRemotingPeer((frame, say, socket) => {
    if (frame.code === 2) socket.destroy();
    else say(answerTo(frame));
  });
  await using client = clientOf({ clock: manualClock() });
  await client.ask(peer.address, question(), patience());
  await outcome(client.ask(peer.address, question(2), patience()));
  expect(await client.ask(peer.address, question(), patience())).toMatchObject({ code: 0 });
  expect(peer.connections).toBe(2);
});

test('an address that refused is not contacted for a while, then tried again', async () => {
  const port = await freePort();
  const clock = manualClock();
  await using client = clientOf({ clock });
  const address = `127.0.0.1:${port}`;
  const refused = {
    code: 'broker-unreachable',
    message: `cannot reach ${address} of cluster shop: connection refused`,
  };
  expect(await outcome(client.ask(address, question(), patience()))).toMatchObject(refused);
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame)), port);
  expect(await outcome(client.ask(address, question(), patience()))).toMatchObject(refused);
  expect(peer.connections).toBe(0);
  clock.pass(3);
  expect(await client.ask(address, question(), patience())).toMatchObject({ code: 0 });
});

test('the pause after failures grows up to three seconds', async () => {
  const clock = manualClock();
  await using client = clientOf({ clock });
  const address = `127.0.0.1:${await freePort()}`;
  for (let attempt = 0; attempt < 20; attempt++) {
    await outcome(client.ask(address, question(), patience()));
    clock.pass(3);
  }
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame)), Number(address.split(':')[1]));
  await client.ask(address, question(), patience());
  expect(peer.connections).toBe(1);
});

test('a request from the peer is refused unless it is handled or one-way', async () => {
  const said = Promise.withResolvers<void>();
  const ask = { isResponse: false, isOneWay: false, fields: { group: 'billing' }, body: Buffer.alloc(0) };
  await using peer = await startRemotingPeer((frame, say) => {
    if (frame.code === 34) {
      say({ ...ask, code: 40, opaque: 7, isOneWay: true });
      say({ ...ask, code: 307, opaque: 8 });
      say({ ...ask, code: 220, opaque: 9 });
      say(answerTo(frame));
    }
    if (peer.received.length === 3) said.resolve();
  });
  await using client = clientOf();
  client.onRequest(220, ({ fields }, from) => ({ code: 0, fields: { from, ...fields }, body: Buffer.from('done') }));
  await client.ask(peer.address, question(34), patience());
  await said.promise;
  expect(peer.received.slice(1)).toEqual([
    expect.objectContaining({
      code: 3,
      opaque: 8,
      isResponse: true,
      remark: 'Plimsoll does not support request code 307',
    }),
    {
      code: 0,
      opaque: 9,
      isResponse: true,
      isOneWay: false,
      fields: { from: peer.address, group: 'billing' },
      body: Buffer.from('done'),
    },
  ]);
});

test('aborting ends the wait for a silent peer, and its late response reaches no other request', async () => {
  const late: (() => void)[] = [];
  await using peer = await startRemotingPeer((frame, say) => {
    if (frame.code === 1) late.push(() => say(answerTo(frame, { remark: 'late' })));
    else {
      for (const go of late) go();
      say(answerTo(frame));
    }
  });
  await using client = clientOf({ clock: manualClock() });
  await client.ask(peer.address, question(), patience());
  const caller = new AbortController();
  const hung = client.ask(peer.address, question(1), { signal: caller.signal });
  caller.abort(new Error('enough'));
  await expect(hung).rejects.toThrow('enough');
  expect(await client.ask(peer.address, question(2), patience())).not.toHaveProperty('remark');
  expect(peer.connections).toBe(1);
});

test('a connection that was silent while a request was aborted is replaced', async () => {
  const asked = Promise.withResolvers<void>();
  await using peer = await startRemotingPeer((frame, say) => {
    if (frame.code === 1) asked.resolve();
    else if (peer.connections === 2 || frame.code === 2) say(answerTo(frame));
  });
  const clock = manualClock();
  await using client = clientOf({ clock });
  await client.ask(peer.address, question(2), patience());
  const caller = new AbortController();
  const hung = client.ask(peer.address, question(1), { signal: caller.signal });
  await asked.promise;
  clock.pass(2);
  caller.abort(new Error('enough'));
  await expect(hung).rejects.toThrow('enough');
  expect(await client.ask(peer.address, question(3), patience())).toMatchObject({ code: 0 });
  expect(peer.connections).toBe(2);
});

test('a connection that brokers would soon close as idle is replaced before use', async () => {
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  const clock = manualClock();
  await using client = clientOf({ clock });
  await client.ask(peer.address, question(), patience());
  clock.pass(89);
  await client.ask(peer.address, question(), patience());
  expect(peer.connections).toBe(1);
  clock.pass(91);
  await client.ask(peer.address, question(), patience());
  expect(peer.connections).toBe(2);
});

test('requests are signed with the credentials of the cluster', async () => {
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  vi.stubEnv('PLIMSOLL_TEST_SECRET_KEY', '12345678');
  const secretKey = new SecretReference('env', 'PLIMSOLL_TEST_SECRET_KEY');
  await using client = clientOf({ config: { credentials: { accessKey: 'RocketMQ', secretKey } } });
  await client.ask(peer.address, question(), patience());
  expect(peer.received[0]?.fields).toEqual({ AccessKey: 'RocketMQ', Signature: 'IUc8rrO/0gDch8CjObLQsW2rsiA=' });
});

test('closing the client fails pending requests and leaves no connection open', async () => {
  const asked = Promise.withResolvers<void>();
  await using peer = await startRemotingPeer(() => asked.resolve());
  const client = clientOf();
  const waiting = outcome(client.ask(peer.address, question(), patience()));
  await asked.promise;
  const closed = Promise.all([...peer.sockets].map((socket) => once(socket, 'close')));
  await client[Symbol.asyncDispose]();
  expect(await waiting).toMatchObject({
    message: `cannot reach ${peer.address} of cluster shop: this client was closed`,
  });
  await closed;
  await expect(client.ask(peer.address, question(), patience())).rejects.toThrow('this client was closed');
});

test('an HTTP server used as name server is reported as such', async () => {
  await using peer = await startTcpPeer((socket) => {
    let line = '';
    socket.on('data', (chunk) => {
      line += chunk.toString('latin1');
      if (line.includes('\n')) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
  });
  await using client = clientOf();
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    code: 'answer-unreadable',
    message: expect.stringContaining(
      `cannot understand ${peer.address} of cluster shop: this is an HTTP server`,
    ) as string,
    hint: expect.stringContaining('use the port of a RocketMQ name server') as string,
  });
});

test('a Kafka broker used as name server is reported as such', async () => {
  await using peer = await startTcpPeer((socket) => {
    socket.on('data', (chunk) => {
      const isApiVersions = chunk.readInt16BE(4) === 18;
      if (isApiVersions)
        socket.write(Buffer.concat([Buffer.from('0000000a', 'hex'), chunk.subarray(8, 12), Buffer.alloc(6)]));
      else socket.destroy();
    });
  });
  await using client = clientOf();
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    code: 'broker-unreachable',
    message: `cannot reach ${peer.address} of cluster shop: a Kafka broker listens on this port`,
    hint: 'set `broker: kafka`, or use the addresses of RocketMQ name servers',
  });
});

test('a peer that closes every connection is distinguished from one that is down', async () => {
  await using peer = await startTcpPeer((socket) => socket.on('data', () => socket.destroy()));
  await using client = clientOf();
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    code: 'broker-unreachable',
    message: `cannot reach ${peer.address} of cluster shop: it closed the connection without an answer`,
  });
});

test('a TLS alert results in a hint to add `tls` to the config', async () => {
  await using peer = await startTcpPeer((socket) => {
    socket.on('data', () => socket.end(Buffer.from('15030300020246', 'hex')));
  });
  await using client = clientOf();
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    message: expect.stringContaining('the listener speaks TLS') as string,
    hint: 'add `tls` under clusters.<name>',
  });
});

test('a failed TLS handshake with a plain listener results in a hint to remove `tls`', async () => {
  await using peer = await startTcpPeer((socket) => socket.on('data', () => socket.destroy()));
  await using client = clientOf({ config: { tls: { verify: false } } });
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    code: 'broker-unreachable',
    message: `cannot reach ${peer.address} of cluster shop: the connection was closed during the TLS handshake`,
    hint: expect.stringContaining('remove `tls`') as string,
  });
});

test('a frame of two gibibytes is refused when its length arrives', async () => {
  await using peer = await startTcpPeer((socket) =>
    socket.on('data', () => socket.write(Buffer.from('7fffffff', 'hex'))),
  );
  await using client = clientOf();
  expect(await outcome(client.ask(peer.address, question(), patience()))).toMatchObject({
    code: 'answer-unreadable',
    message: expect.stringContaining('a frame of 2147483647 bytes is announced') as string,
  });
});

test('a request that cannot be encoded fails at once with its own error', async () => {
  await using peer = await startRemotingPeer((frame, say) => say(answerTo(frame)));
  await using client = clientOf();
  const unencodable = { code: 28, fields: { offset: 1n as unknown as string } };
  const io = { signal: AbortSignal.timeout(2000) };
  await expect(client.ask(peer.address, unencodable, io)).rejects.toBeInstanceOf(TypeError);
  expect((await client.ask(peer.address, question(), patience())).code).toBe(0);
});
