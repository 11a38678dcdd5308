import { expect, test } from 'vitest';
import { askNameServers, readMembership, readQueues } from '../../../../brokers/rocketmq/name-servers.ts';
import type { RemotingClient, Response } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { encodeGetRoute } from '../../../../brokers/rocketmq/protocol/name-server-requests.ts';
import { untilAborted } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';

const response = (over: Partial<Response>): Response => ({ code: 0, fields: {}, body: Buffer.from('{}'), ...over });
const unknownTopic = response({ code: 17, remark: 'No topic route info in name server for the topic: orders' });

/** @param answers by address; without one an address is unreachable; `hangs` accepts and never responds */
function serversOf(answers: Readonly<Record<string, Response | 'hangs'>>) {
  const client: RemotingClient = {
    async ask(address, _, { signal }) {
      const answer = answers[address];
      if (answer === 'hangs') return untilAborted(new Promise<never>(() => {}), signal);
      if (answer === undefined) throw new AppError('broker-unreachable', `cannot reach ${address}: connection refused`);
      return answer;
    },
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { cluster: 'shop', client, namesrv: ['ns-1:9876', 'ns-2:9876'] };
}

const endless = { signal: new AbortController().signal };
const routeOf = (answers: Parameters<typeof serversOf>[0], io = endless) =>
  askNameServers(serversOf(answers), 'ask for a route', encodeGetRoute({ topic: 'orders' }), io);

test('uses the next name server if the first is down', async () => {
  await expect(routeOf({ 'ns-2:9876': unknownTopic })).resolves.toBeUndefined();
});

test("a hanging name server leaves time for the next one within the caller's 6 s", async () => {
  const io = { signal: AbortSignal.timeout(6000) };
  await expect(routeOf({ 'ns-1:9876': 'hangs', 'ns-2:9876': unknownTopic }, io)).resolves.toBeUndefined();
});

test('the error names every name server that was tried', async () => {
  await expect(routeOf({})).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringMatching(/cluster shop: .*ns-1:9876: connection refused; .*ns-2:9876: connection refused/),
  });
});

test('a broker address used as a name server is an error with a hint', async () => {
  const broker = response({ code: 3, remark: 'request type 105 not supported' });
  await expect(routeOf({ 'ns-1:9876': broker, 'ns-2:9876': broker })).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringContaining('ns-1:9876: a RocketMQ broker listens on this port'),
    hint: expect.stringContaining('clusters.<name>.namesrv'),
  });
});

const json = (body: object) => response({ body: Buffer.from(JSON.stringify(body)) });
const routeTo = (...brokerNames: string[]) =>
  json({
    queueDatas: brokerNames.map((brokerName) => ({ brokerName, perm: 6, readQueueNums: 4, writeQueueNums: 4 })),
    brokerDatas: [],
  });

test('the queues of a topic are those listed by any name server, even if one has restarted', async () => {
  const namesOf = async (answers: Parameters<typeof serversOf>[0]) =>
    (await readQueues(serversOf(answers), 'orders', endless))?.map(({ brokerName }) => brokerName).toSorted();
  const both = routeTo('broker-a', 'broker-b');
  expect(await namesOf({ 'ns-1:9876': unknownTopic, 'ns-2:9876': both })).toEqual(['broker-a', 'broker-b']);
  expect(await namesOf({ 'ns-1:9876': routeTo('broker-a'), 'ns-2:9876': both })).toEqual(['broker-a', 'broker-b']);
  expect(await namesOf({ 'ns-1:9876': unknownTopic, 'ns-2:9876': unknownTopic })).toBeUndefined();
});

test('a hanging name server delays the broker list by a few seconds, and is used if no other responds', async () => {
  const group = (brokerName: string, address: string) => ({ cluster: 'shop', brokerName, brokerAddrs: { 0: address } });
  const listed = json({ brokerAddrTable: { 'broker-a': group('broker-a', '10.0.0.1:10911') } });
  const io = { signal: AbortSignal.timeout(6000) };
  const answers: Record<string, Response | 'hangs'> = { 'ns-1:9876': listed, 'ns-2:9876': 'hangs' };
  const servers = serversOf(answers);
  const members = [{ brokerName: 'broker-a', address: '10.0.0.1:10911' }];
  expect(await readMembership(servers, io)).toMatchObject({ members });
  delete answers['ns-1:9876'];
  answers['ns-2:9876'] = listed;
  expect(await readMembership(servers, endless)).toMatchObject({ members });
});

test('the broker list is an error if no name server responds', async () => {
  await expect(readMembership(serversOf({}), endless)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringMatching(/cluster shop: .*ns-1:9876: connection refused; .*ns-2:9876: connection refused/),
  });
});
