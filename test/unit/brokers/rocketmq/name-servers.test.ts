import { expect, test } from 'vitest';
import { askNameServers } from '../../../../brokers/rocketmq/name-servers.ts';
import type { RemotingClient, Response } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { encodeGetRoute, parseGetRoute } from '../../../../brokers/rocketmq/protocol/get-route.ts';
import { untilAborted } from '../../../../core/abort.ts';
import { AppError } from '../../../../core/errors.ts';

const response = (over: Partial<Response>): Response => ({ code: 0, fields: {}, body: Buffer.from('{}'), ...over });
const unknownTopic = response({ code: 17, remark: 'No topic route info in name server for the topic: orders' });

/** @param answers by address; an address without one cannot be reached, and one that hangs accepts and never answers */
function routeOf(answers: Readonly<Record<string, Response | 'hangs'>>, io = { signal: new AbortController().signal }) {
  const client: RemotingClient = {
    async ask(address, _, { signal }) {
      const answer = answers[address];
      if (answer === 'hangs') return untilAborted(new Promise<never>(() => {}), signal);
      if (answer === undefined) throw new AppError('broker-unreachable', `cannot reach ${address}: connection refused`);
      return answer;
    },
    tell: async () => undefined,
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const nameServers = { cluster: 'shop', client, namesrv: ['ns-1:9876', 'ns-2:9876'] };
  return askNameServers(nameServers, 'ask for a route', encodeGetRoute({ topic: 'orders' }), parseGetRoute, io);
}

test('asks the next one when the first is down', async () => {
  await expect(routeOf({ 'ns-2:9876': unknownTopic })).resolves.toBeUndefined();
});

test('one that hangs leaves time for the next, as a caller with 6 s has it', async () => {
  const io = { signal: AbortSignal.timeout(6000) };
  await expect(routeOf({ 'ns-1:9876': 'hangs', 'ns-2:9876': unknownTopic }, io)).resolves.toBeUndefined();
});

test('names every one that was tried', async () => {
  await expect(routeOf({})).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringMatching(/cluster shop: .*ns-1:9876: connection refused; .*ns-2:9876: connection refused/),
  });
});

test('says when a broker was given for a name server', async () => {
  const broker = response({ code: 3, remark: 'request type 105 not supported' });
  await expect(routeOf({ 'ns-1:9876': broker, 'ns-2:9876': broker })).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringContaining('ns-1:9876: a RocketMQ broker listens on this port'),
    hint: expect.stringContaining('clusters.<name>.namesrv'),
  });
});
