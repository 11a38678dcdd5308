import { describe, expect, test } from 'vitest';
import {
  clientVersionOf,
  parseGetConsumerConnections,
  parseGetAllProducers,
  parseGetConsumerRunningInfo,
} from '../../../../../brokers/rocketmq/protocol/client-requests.ts';
import {
  parseGetAllConsumerOffset,
  parseGetConsumeStats,
} from '../../../../../brokers/rocketmq/protocol/offset-requests.ts';
import { parseGetAllSubscriptionGroup } from '../../../../../brokers/rocketmq/protocol/group-requests.ts';
import {
  parseGetAllTopicConfig,
  parseGetTopicStats,
  parseHasTopic,
} from '../../../../../brokers/rocketmq/protocol/topic-requests.ts';
import {
  parseGetBrokerHaStatus,
  parseGetBrokerConfig,
  parseGetNameServerConfig,
  parseViewBrokerStats,
} from '../../../../../brokers/rocketmq/protocol/broker-requests.ts';
import {
  parseGetControllerMetadata,
  parseGetSyncState,
} from '../../../../../brokers/rocketmq/protocol/controller-requests.ts';
import { answerOf, captured, capturedVersions, refusalOf } from '../../../../support/rocketmq-answers.ts';

describe.each(capturedVersions)('responses of a %s broker', (version) => {
  const of = (name: string) => captured(version, name);

  test('commits by topic, group and queue, without uncommitted queues', () => {
    const commits = parseGetAllConsumerOffset(of('consumer-offsets.json'));
    const orders = commits.find(({ topic, group }) => topic === 'orders' && group === 'billing');
    expect(orders?.byQueue).toEqual(
      new Map([
        [0, 10n],
        [1, 11n],
        [2, 12n],
      ]),
    );
  });

  test('topics with their queues and permission, in one page', () => {
    const { rows, total, dataVersion } = parseGetAllTopicConfig(of('topic-configs.json'));
    expect(rows.find(({ name }) => name === 'orders')).toEqual({
      name: 'orders',
      readQueues: 4,
      writeQueues: 4,
      permission: 6,
      filterType: 'SINGLE_TAG',
      sysFlag: 0,
      order: false,
      attributes: {},
    });
    expect(total).toBeUndefined();
    expect(JSON.parse(dataVersion ?? '')).toMatchObject({ counter: version === '4.9.7' ? 6 : 5 });
  });

  test('groups, including internal ones', () => {
    const { rows } = parseGetAllSubscriptionGroup(of('subscription-groups.json'));
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['billing', 'TOOLS_CONSUMER']));
  });

  test('start and end offset of each queue', () => {
    const stats = parseGetTopicStats(of('topic-stats.json'));
    expect(new Set(stats.map(({ queueId }) => queueId))).toEqual(new Set([0, 1, 2, 3]));
    for (const { topic, brokerName, start, end } of stats) {
      expect({ topic, brokerName, start }).toEqual({ topic: 'orders', brokerName: 'broker-a', start: 0n });
      expect(end).toBeGreaterThan(5000n);
    }
  });

  test('a broker has a topic if it reports statistics for it', () =>
    expect(parseHasTopic(of('topic-stats.json'))).toBe(true));

  test("a group's consume statistics, in which uncommitted queues have commit 0", () => {
    const queues = parseGetConsumeStats(of('consume-stats.json'));
    const orders = new Map(queues.filter(({ topic }) => topic === 'orders').map((queue) => [queue.queueId, queue]));
    expect(orders.get(2)?.committed).toBe(12n);
    expect(orders.get(3)).toMatchObject({ committed: 0n });
    expect(orders.get(3)).not.toHaveProperty('consumedStoredAtMs');
  });

  test('clients of a group with their versions', () => {
    const connections = parseGetConsumerConnections(of('consumer-connections.json'));
    expect(connections).toMatchObject({
      kind: 'online',
      consumeType: 'push',
      messageModel: 'clustering',
      subscriptions: { orders: '*', payments: '*' },
    });
    const clients = connections.kind === 'online' ? connections.clients : [];
    expect(new Map(clients.map(({ clientId, version }) => [clientId, version]))).toEqual(
      new Map([
        ['10.0.0.1@1', 'V4_9_7'],
        ['10.0.0.2@1', 'V4_9_7'],
      ]),
    );
  });

  test('producers by group, with addresses without the slash', () => {
    const [service] = parseGetAllProducers(of('all-producers.json'));
    expect(service?.group).toBe('order-service');
    expect(service?.clients[0]?.address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('settings of the broker and of the name server', () => {
    expect(parseGetBrokerConfig(of('broker-config.properties')).get('brokerName')).toBe('broker-a');
    expect(parseGetNameServerConfig(of('name-server-config.properties')).get('bindAddress')).toBe('127.0.0.1');
  });

  test('messages per second of a topic over the last minute', () =>
    expect(parseViewBrokerStats(of('topic-traffic.json'))).toBeCloseTo(version === '4.9.7' ? 362.1333 : 355.1333, 3));
});

test('a master reports the replication status of its slave', () =>
  expect(parseGetBrokerHaStatus(captured('5.3.3', 'ha-status.json'))).toEqual({
    masterCommitLogMaxOffset: 16_929_789n,
    inSyncSlaves: 1,
    slaves: [
      { address: '127.0.0.1:50740', ackOffset: 16_916_033n, behindBytes: 13_756n, inSync: true, bytesPerSecond: 132 },
    ],
  }));

test('a slave reports no slaves', () =>
  expect(parseGetBrokerHaStatus(answerOf('{"master":false,"masterCommitLogMaxOffset":0}'))).toBeUndefined());

test('a group without clients is offline and not an error', () =>
  expect(parseGetConsumerConnections(refusalOf(206, 'the consumer group[archive] not online'))).toEqual({
    kind: 'offline',
  }));

test('a topic without writes has no traffic and is not an error', () =>
  expect(parseViewBrokerStats(refusalOf(1, 'The stats <TOPIC_PUT_NUMS> <quiet> not exist'))).toBeUndefined());

test('a slave that has not replicated a topic reports that it does not exist', () =>
  expect(parseHasTopic(refusalOf(17, 'topic[orders] not exist'))).toBe(false));

test("every other refusal is an error with the broker's message", () =>
  expect(() => parseGetBrokerHaStatus(refusalOf(3, ' request type 907 not supported'))).toThrow(
    'replication status (907) answered with code 3: request type 907 not supported',
  ));

test('a page of topics has the total count', () =>
  expect(
    parseGetAllTopicConfig(answerOf('{"topicConfigTable":{"a":{"readQueueNums":1}}}', { totalTopicNum: '7' })),
  ).toMatchObject({ total: 7, rows: [{ name: 'a', readQueues: 1, writeQueues: 0 }] }));

test('commits keep 64 bits, and -1 means no commit', () => {
  const body = '{"offsetTable":{"t@g":{0:9223372036854775807,1:-1,"2":5}}}';
  expect(parseGetAllConsumerOffset(answerOf(body))[0]?.byQueue).toEqual(
    new Map([
      [0, 9_223_372_036_854_775_807n],
      [2, 5n],
    ]),
  );
});

test('returns the leading controller', () =>
  expect(
    parseGetControllerMetadata({
      ...answerOf(''),
      fields: { controllerLeaderAddress: '10.0.0.1:9878', peers: 'n0:10.0.0.1:9878;n1:10.0.0.2:9878' },
    }),
  ).toBe('10.0.0.1:9878'));

test('returns replicas in sync and not in sync, by address, and the id that the controller gave each', () =>
  expect(
    parseGetSyncState(
      answerOf(
        '{"replicasInfoTable":{"broker-a":{"masterBrokerId":2,"masterEpoch":3,"inSyncReplicas":[{"brokerId":2,"brokerAddress":"a:1","alive":true}],"notInSyncReplicas":[{"brokerId":1,"brokerAddress":"b:1"}]}}}',
      ),
    ),
  ).toEqual([
    {
      brokerName: 'broker-a',
      masterEpoch: 3,
      replicas: [
        { address: 'a:1', brokerId: 2 },
        { address: 'b:1', brokerId: 1 },
      ],
      inSync: ['a:1'],
      notInSync: ['b:1'],
    },
  ]));

test('a 5.0 controller does not report replicas out of sync, so they are unknown', () =>
  expect(
    parseGetSyncState(
      answerOf(
        '{"inSyncStateTable":{"broker-a":{"masterAddress":"a:1","masterEpoch":1,"syncStateSetEpoch":2,"inSyncMembers":[{"address":"a:1","brokerId":0}]}}}',
      ),
    ),
  ).toStrictEqual([
    { brokerName: 'broker-a', masterEpoch: 1, replicas: [{ address: 'a:1', brokerId: 0 }], inSync: ['a:1'] },
  ]));

test('a response without a replica table is unreadable and not in sync', () =>
  expect(() => parseGetSyncState(answerOf('{}'))).toThrow(expect.objectContaining({ code: 'answer-unreadable' })));

test('returns the consumption of one client by topic, with stacks if requested', () => {
  // The response of a 5.3.3 client in its first ten minutes, whose listener refuses all messages.
  const { consumption, stacks } = parseGetConsumerRunningInfo(
    answerOf(
      '{"jstack":"ConsumeMessageThread_g_1 TID: 40 STATE: WAITING","statusTable":{"orders":{"consumeFailedMsgs":0,"consumeFailedTPS":0.33,"consumeOKTPS":0.0,"consumeRT":1.5,"pullRT":2.0,"pullTPS":0.33},"idle":{"consumeFailedMsgs":0,"consumeFailedTPS":0.0,"consumeOKTPS":0.0,"consumeRT":0.0,"pullRT":0.0,"pullTPS":0.0}},"subscriptionSet":[]}',
    ),
  );
  expect(consumption).toEqual([
    { topic: 'orders', secondsPerBatch: 0.0015, okPerSecond: 0, failedPerSecond: 0.33 },
    { topic: 'idle', okPerSecond: 0, failedPerSecond: 0 },
  ]);
  expect(stacks).toContain('ConsumeMessageThread_g_1');
});

test('returns the subscriptions of one client without its retry topics, and the queues it reads', () =>
  expect(
    parseGetConsumerRunningInfo(
      answerOf(
        '{"mqTable":{{"brokerName":"a","queueId":0,"topic":"orders"}:{"commitOffset":1}},"properties":{"PROP_CLIENT_VERSION":"V4_9_7"},"subscriptionSet":[{"topic":"orders","subString":"TagA"},{"topic":"%RETRY%g","subString":"*"}]}',
      ),
    ),
  ).toEqual({
    consumption: [],
    subscriptions: { orders: 'TagA' },
    queues: [{ topic: 'orders', brokerName: 'a', queueId: 0 }],
  }));

test.each([
  ['true', true],
  ['false', false],
])('a client reports whether it reads in order: %s', (given, isOrderly) =>
  expect(
    parseGetConsumerRunningInfo(
      answerOf(`{"properties":{"PROP_CLIENT_VERSION":"V5_3_3","PROP_CONSUMEORDERLY":"${given}"},"subscriptionSet":[]}`),
    ),
  ).toEqual({ isOrderly, consumption: [], subscriptions: {}, queues: [] }),
);

test.each([
  [212, 'V4_0_0_SNAPSHOT'],
  [407, 'V4_9_7'],
  [413, 'V5_0_0'],
  [479, 'V5_3_3'],
  [100, 'version 100'],
])('client version %i is %s', (ordinal, words) => expect(clientVersionOf(ordinal)).toBe(words));
