// Lists the decoders of bytes from brokers; fuzzing covers all of them.

import { readFileSync } from 'node:fs';
import { Reader, type API } from '@platformatic/kafka';
import { toAppError } from '../../brokers/kafka/errors.ts';
import { fetchRecords } from '../../brokers/kafka/platformatic/fetch.ts';
import { produce } from '../../brokers/kafka/platformatic/produce.ts';
import { readRecordBatches } from '../../brokers/kafka/platformatic/record-batch.ts';
import { offsetFetch } from '../../brokers/kafka/wire/offset-fetch.ts';
import { encodeFrame, FrameReader } from '../../brokers/rocketmq/protocol/frame-codec.ts';
import { command, type Frame, type Response } from '../../brokers/rocketmq/protocol/frame.ts';
import {
  parseGetKvConfig,
  parseGetAllTopicsOfNameServer,
  parseGetClusterInfo,
  parseGetRoute,
} from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import {
  parseGetAllConsumerOffset,
  parseQueryConsumerOffset,
  parseGetConsumeStats,
  parseGetMaxOffset,
  parseGetMinOffset,
  parseSearchOffset,
} from '../../brokers/rocketmq/protocol/offset-requests.ts';
import {
  parseGetAllProducers,
  parseGetConsumerConnections,
  parseGetConsumerRunningInfo,
  parseGetConsumerListByGroup,
} from '../../brokers/rocketmq/protocol/client-requests.ts';
import { parseGetAllSubscriptionGroup } from '../../brokers/rocketmq/protocol/group-requests.ts';
import {
  parseGetAllTopicConfig,
  parseGetTopicStats,
  parseHasTopic,
} from '../../brokers/rocketmq/protocol/topic-requests.ts';
import {
  parseGetBrokerHaStatus,
  parseGetBrokerRuntimeInfo,
  parseGetBrokerConfig,
  parseGetNameServerConfig,
  parseViewBrokerStats,
} from '../../brokers/rocketmq/protocol/broker-requests.ts';
import { parseGetControllerMetadata, parseGetSyncState } from '../../brokers/rocketmq/protocol/controller-requests.ts';
import { parseListUsers, parseListAcls } from '../../brokers/rocketmq/protocol/access-requests.ts';
import { parseLockQueues } from '../../brokers/rocketmq/protocol/member-requests.ts';
import { parseLooseJson } from '../../brokers/rocketmq/protocol/loose-json.ts';
import { decodeBatch, encodeBatch } from '../../brokers/rocketmq/protocol/message-batch.ts';
import { decodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import { readPulledBodies, readStoredMessages } from '../../brokers/rocketmq/protocol/message.ts';
import {
  parsePullMessage,
  parseQueryMessage,
  parseViewMessageById,
} from '../../brokers/rocketmq/protocol/message-requests.ts';
import { parseSendReceipt } from '../../brokers/rocketmq/protocol/send-message.ts';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import { encodeBinaryFrame } from './binary-header.ts';
import { parserOf } from './kafka-answers.ts';
import { answerTo } from './remoting-peer.ts';
import { captured, capturedVersions } from './rocketmq-answers.ts';

export interface Decoder {
  /** Responses as captured from the wire. */
  seeds: readonly Buffer[];
  /** Returns the offset of the end of the header, which starts after four bytes with the length of the rest. */
  payloadOf(seed: Buffer): number;
  /** @returns a decoder of the complete input, if its header is valid; undefined if it is truncated. @throws for other input */
  frame(input: Buffer): (() => unknown) | undefined;
}

const folder = new URL('../fixtures/wire/', import.meta.url);
const frames: Readonly<Record<string, string>> = Object.assign(
  {},
  ...capturedVersions.map((version) => {
    const named = (read(`rocketmq/frames-${version}.json`) as { frames: Record<string, string> }).frames;
    return Object.fromEntries(Object.entries(named).map(([name, bytes]) => [`${version} ${name}`, bytes]));
  }),
) as Record<string, string>;
const { answers: kafkaAnswers } = read('kafka/answers-4.3.1.json') as { answers: Record<string, string> };

/** Add the decoder of each new response here, with a response that it can decode. */
export const decoders: Readonly<Record<string, Decoder>> = {
  command: rocketmq(command(215, 'removal of a topic', {}).parse, fields({})),
  'get-all-consumer-offset': rocketmq(parseGetAllConsumerOffset, bodies('consumer-offsets.json')),
  'get-all-producers': rocketmq(parseGetAllProducers, bodies('all-producers.json')),
  'get-all-subscription-group': rocketmq(parseGetAllSubscriptionGroup, bodies('subscription-groups.json')),
  'get-all-topic-config': rocketmq(parseGetAllTopicConfig, bodies('topic-configs.json'), whole('topic-configs')),
  'get-all-topics-of-name-server': rocketmq(parseGetAllTopicsOfNameServer, [
    json('{"topicList":["orders","%RETRY%ledger"]}'),
  ]),
  'get-config': rocketmq(parseGetBrokerConfig, bodies('broker-config.properties')),
  'get-broker-ha-status': rocketmq(parseGetBrokerHaStatus, [captured('5.3.3', 'ha-status.json')]),
  'get-broker-runtime-info': rocketmq(
    (response) => parseRuntimeInfo(parseGetBrokerRuntimeInfo(response)),
    bodies('runtime-info.json'),
  ),
  'get-cluster-info': rocketmq(parseGetClusterInfo, bodies('cluster-info.json'), whole('cluster-info')),
  'get-consume-stats': rocketmq(parseGetConsumeStats, bodies('consume-stats.json')),
  'get-consumer-connections': rocketmq(parseGetConsumerConnections, bodies('consumer-connections.json')),
  'get-consumer-list-by-group': rocketmq(parseGetConsumerListByGroup, [json('{"consumerIdList":["a@1","b@2"]}')]),
  'get-consumer-running-info': rocketmq(parseGetConsumerRunningInfo, [
    json('{"properties":{"PROP_CLIENT_VERSION":"V4_9_7"},"subscriptionSet":[{"topic":"orders","subString":"a||b"}]}'),
  ]),
  'get-controller-metadata': rocketmq(
    parseGetControllerMetadata,
    fields({ controllerLeaderAddress: '10.0.0.1:9878', isLeader: 'true', peers: 'n0:10.0.0.1:9878;n1:10.0.0.2:9878' }),
  ),
  'kv-config': rocketmq(parseGetKvConfig, fields({ value: '{"schemaVersion":1,"owner":"alice"}' })),
  'queue-ends': rocketmq(parseGetMaxOffset, fields({ offset: '9223372036854775807' }), whole('max-offset')),
  'get-min-offset': rocketmq(parseGetMinOffset, fields({ offset: '12' })),
  'search-offset': rocketmq(parseSearchOffset, fields({ offset: '12' })),
  'get-name-server-config': rocketmq(parseGetNameServerConfig, bodies('name-server-config.properties')),
  'get-route': rocketmq(parseGetRoute, bodies('route.json'), whole('route', 'no-route')),
  'get-sync-state': rocketmq(parseGetSyncState, [
    json(
      '{"replicasInfoTable":{"a":{"masterBrokerId":1,"masterEpoch":2,"inSyncReplicas":[{"brokerAddress":"h:1"}],"notInSyncReplicas":[]}}}',
    ),
  ]),
  'get-topic-stats': rocketmq(parseGetTopicStats, bodies('topic-stats.json')),
  'has-topic': rocketmq(parseHasTopic, bodies('topic-stats.json')),
  'auth-users': rocketmq(parseListUsers, [json('[{"username":"shop","userType":"Super","userStatus":"enable"}]')]),
  'list-acls': rocketmq(parseListAcls, [
    json(
      '[{"subject":"User:shop","policies":[{"policyType":"CUSTOM","entries":[{"resource":"Topic:orders","actions":["Pub","Sub"],"sourceIps":["10.0.0.0/8"],"decision":"Allow"}]}]}]',
    ),
  ]),
  'queue-locks': rocketmq(parseLockQueues, [json('{"lockOKMQSet":[{"brokerName":"a","queueId":3,"topic":"t"}]}')]),
  'message-batch': rocketmq(
    ({ body }) => decodeBatch(body),
    [{ ...fields({})[0], body: encodeBatch([{ body: Buffer.from('one'), properties: 'KEYS\u0001k\u0002' }]) }],
  ),
  'message-properties': rocketmq(({ body }) => decodeProperties(body), [json('KEYS\u0001k\u0002TAGS\u0001a\u0002')]),
  message: rocketmq(
    ({ body }) => [...readStoredMessages(body), readPulledBodies(body, 1n, { withKeys: true })],
    pulls(),
  ),
  'pull-message': rocketmq(parsePullMessage, pulls(), whole('pull')),
  'query-consumer-offset': rocketmq(parseQueryConsumerOffset, fields({ offset: '7' })),
  'query-message': rocketmq(parseQueryMessage, pulls()),
  'send-message': rocketmq(
    parseSendReceipt,
    fields({ msgId: '7F00', queueId: '3', queueOffset: '127' }),
    whole('send'),
  ),
  'view-broker-stats': rocketmq(parseViewBrokerStats, bodies('topic-traffic.json')),
  'view-message-by-id': rocketmq(parseViewMessageById, pulls()),
  'frame and body': rocketmq((response) => [response.fields, parseLooseJson(response.body)], [], Object.keys(frames)),
  'kafka produce': kafka(produce, ['all', '', 0, [], 0], 'produce'),
  'kafka offset fetch': kafka(offsetFetch, [[]], 'offset-fetch'),
  'kafka fetch': kafka(fetchRecords, ['', { sessionId: 0, epoch: 0, positions: [] }], 'fetch', ({ partitions }) =>
    partitions.map(({ records }) => readRecordBatches(records, 1n)),
  ),
};

type Answer = Partial<Response>;

/** @param whole names of captured frames; each response is encoded with both headers */
function rocketmq(
  parse: (response: Response) => unknown,
  answers: readonly Answer[],
  whole: readonly string[] = [],
): Decoder {
  const request = { code: 0, opaque: 1, isResponse: false, isOneWay: false, fields: {}, body: Buffer.alloc(0) };
  const made = answers.map((answer): Frame => answerTo(request, answer));
  return {
    seeds: [
      ...made.flatMap((frame) => [encodeFrame(frame), encodeBinaryFrame(frame)]),
      ...whole.map((name) => Buffer.from(frames[name] ?? '', 'base64')),
    ],
    payloadOf: (input) => 8 + input.readUIntBE(5, 3),
    frame(input) {
      const [frame] = new FrameReader().push(input);
      return frame && (() => parse(frame));
    },
  };
}

/*
 * size int32 · correlation id int32 · tags · response
 *
 * The client library handles framing; the caller converts its exceptions into faults.
 */
function kafka<Arguments extends unknown[], Answer>(
  api: API<Arguments, Answer>,
  request: Arguments,
  names: string,
  further: (answer: Answer) => unknown = (answer) => answer,
): Decoder {
  const parse = parserOf(api, request);
  return {
    seeds: Object.keys(kafkaAnswers)
      .filter((name) => name.startsWith(names))
      .map((name) => Buffer.from(kafkaAnswers[name] ?? '', 'base64')),
    payloadOf: () => 9,
    frame(input) {
      if (input.length < 9 || input.readInt32BE(0) !== input.length - 4) return undefined;
      return () => {
        try {
          return further(parse(1, api.key, api.version, Reader.from(input.subarray(9))) as Answer);
        } catch (cause) {
          // A list or stack that is too large is not caused by the response.
          if (cause instanceof RangeError && /array|string|stack/i.test(cause.message)) throw cause;
          throw toAppError(cause, { action: 'read an answer' });
        }
      };
    },
  };
}

function bodies(file: string): Answer[] {
  return capturedVersions.map((version) => captured(version, file));
}

/** Returns captures of both versions, also with a binary header if one was captured. */
function whole(...names: readonly string[]): string[] {
  return Object.keys(frames).filter((name) => names.includes(name.replace(/^\S+ /, '').replace(/-binary$/, '')));
}

function json(text: string): Answer {
  return { body: Buffer.from(text) };
}

function fields(named: Readonly<Record<string, string>>): [Answer] {
  return [{ fields: named }];
}

function pulls(): Answer[] {
  return ['4.9.7', '5.5.0'].map((version) => {
    const { nextBeginOffset, bodyHex } = read(`rocketmq/pull-${version}.json`) as Record<string, string>;
    return { fields: { nextBeginOffset: nextBeginOffset ?? '' }, body: Buffer.from(bodyHex ?? '', 'hex') };
  });
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}
