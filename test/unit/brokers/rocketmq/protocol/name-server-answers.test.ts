import { expect, test } from 'vitest';
import {
  encodeGetClusterInfo,
  parseGetClusterInfo,
  encodeGetRoute,
  parseGetRoute,
} from '../../../../../brokers/rocketmq/protocol/name-server-requests.ts';
import { answerOf, captured, capturedVersions, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { sentBy } from '../../../../support/sent.ts';

test.each(capturedVersions)('parses the brokers of a %s cluster', (version) => {
  const brokers = parseGetClusterInfo(captured(version, 'cluster-info.json'));
  expect(brokers).toEqual([
    {
      brokerName: expect.any(String) as string,
      cluster: expect.stringMatching(/./) as string,
      addresses: new Map([[0, expect.stringMatching(/:\d+$/) as string]]),
    },
  ]);
});

test.each(capturedVersions)('parses the route of a topic of %s', (version) => {
  const route = parseGetRoute(captured(version, 'route.json'));
  expect(route?.queues.map(({ permission }) => permission)).toEqual(['rw']);
  expect(route?.brokers.map(({ brokerName }) => brokerName)).toEqual(route?.queues.map(({ brokerName }) => brokerName));
  expect([...(route?.brokers[0]?.addresses.keys() ?? [])]).toEqual([0]);
});

test('broker ids are parsed quoted and unquoted, and a missing master is absent', () => {
  const table = (addresses: string) =>
    parseGetClusterInfo(
      answerOf(
        `{"brokerAddrTable":{"a":{"brokerAddrs":${addresses},"brokerName":"a","cluster":"c","enableActingMaster":true}}}`,
      ),
    );
  expect(table('{1:"h:1",2:"h:2"}')).toEqual(table('{"1":"h:1","2":"h:2"}'));
  expect(table('{1:"h:1"}')).toEqual([{ brokerName: 'a', cluster: 'c', addresses: new Map([[1, 'h:1']]) }]);
});

test('a broker that does not name its cluster is found in the cluster table', () =>
  expect(
    parseGetClusterInfo(
      answerOf('{"brokerAddrTable":{"a":{"brokerAddrs":{0:"h:1"},"brokerName":"a"}},"clusterAddrTable":{"c":["a"]}}'),
    ),
  ).toMatchObject([{ cluster: 'c' }]));

test.each([
  [6, 'rw'],
  [4, 'r'],
  [2, 'w'],
  [0, 'none'],
])('permission %d is parsed as %s', (perm, permission) =>
  expect(
    parseGetRoute(
      answerOf(
        `{"queueDatas":[{"brokerName":"a","readQueueNums":8,"writeQueueNums":4,"perm":${perm}}],"brokerDatas":[]}`,
      ),
    )?.queues,
  ).toEqual([{ brokerName: 'a', readQueues: 8, writeQueues: 4, permission }]),
);

test('a topic with mapped queues is static', () =>
  expect(
    parseGetRoute(
      answerOf(
        '{"brokerDatas":[],"queueDatas":[],"topicQueueMappingByBroker":{"broker-a":{"bname":"broker-a","currIdMap":{0:0},"epoch":1764320000000,"scope":"__global__","topic":"orders","totalQueues":2}}}',
      ),
    ),
  ).toEqual({ queues: [], brokers: [], isStatic: true }));

test('a topic unknown to the name server has no route', () =>
  expect(parseGetRoute(refusalOf(17, 'No topic route info in name server for the topic: x'))).toBeUndefined());

test('the requests are those that name servers of 4.9 and 5.x expect', () =>
  expect([encodeGetRoute({ topic: 'orders' }), encodeGetClusterInfo()].map(sentBy)).toEqual([
    { code: 105, fields: { topic: 'orders', acceptStandardJsonOnly: 'true' } },
    { code: 106, fields: {} },
  ]));
