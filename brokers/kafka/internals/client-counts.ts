// Reads a broker's counts of each client: bytes produced and fetched, and thread time, if quotas exist.

import { z } from 'zod';
import type { Sample } from '../../../core/text/prometheus-text.ts';
import type { CountedClient } from '../../client-use.ts';
import type { Io } from '../../driver.ts';
import { openAgent, unreadable } from './agent-http.ts';
import type { InternalsSource } from './config.ts';
import { readPageSamples } from './jmx-exporter-page.ts';
import { keysOf } from './jolokia.ts';
import { encodeReads, isRecord } from './jolokia-read.ts';

/*
 * kafka.server:type=Produce|Fetch,user=…,client-id=…   byte-rate: bytes per second; throttle-time: milliseconds, mean
 * kafka.server:type=Request,user=…,client-id=…         request-time: percent of one thread, of network and request handler threads
 *
 * A broker has the counts of a type only while a quota of that type is configured
 * (kafka.server.quota.ClientQuotaManager, quotasEnabled), then for every client, by the keys for which quotas are set:
 * client id, user, or both. It drops a client after an hour without requests. Read from brokers 4.3.1.
 *
 * JMX exporter without rules:              kafka_server_Produce_byte_rate{user="…",client_id="…"}
 * with the quota rules of its Kafka examples:  kafka_server_quota_byte_rate{resource="Produce",user="…",clientId="…"}
 */

const attributes = { Produce: 'byte-rate', Fetch: 'byte-rate', Request: 'request-time' } as const;
type QuotaType = keyof typeof attributes;
const types = Object.keys(attributes) as QuotaType[];
const throttle = 'throttle-time';

/** Limit of clients: a broker with ten thousand has clients with random ids; the largest ones are still found. */
const mostClients = 2000;

type Counts = Map<string, CountedClient>;

/** @returns no clients if no quota is configured. @throws AppError as readInternals */
export async function readClientCounts(source: InternalsSource, broker: string, io: Io): Promise<CountedClient[]> {
  const counts: Counts = new Map();
  const agent = await openAgent(source, io);
  if (agent.kind === 'jolokia') {
    const text = await agent.post(encodeReads(reads));
    try {
      takeAnswers(text, broker, counts);
    } catch (cause) {
      if (cause instanceof z.ZodError) throw unreadable(agent.url, 'the response is not that of a Jolokia agent');
      throw cause;
    }
  } else {
    await readPageSamples(agent.url, agent.page, isQuotaSample, (sample) => takeSample(sample, broker, counts));
  }
  return [...counts.values()].filter(isUsed);
}

const isUsed = ({ producedBytesPerSecond = 0, fetchedBytesPerSecond = 0, threadSeconds = 0 }: CountedClient) =>
  producedBytesPerSecond + fetchedBytesPerSecond + threadSeconds > 0;

const reads = types.map((type) => ({ mbean: `kafka.server:type=${type},*`, attributes: [attributes[type], throttle] }));

const Answers = z.array(z.object({ value: z.record(z.string(), z.unknown()).nullish() }));

function takeAnswers(text: string, broker: string, counts: Counts): void {
  for (const [index, { value }] of Answers.parse(JSON.parse(text)).entries()) {
    const type = types[index];
    if (type === undefined) continue;
    for (const [mbean, found] of Object.entries(value ?? {})) {
      if (!isRecord(found)) continue;
      const { user, 'client-id': clientId } = keysOf(mbean);
      take({ type, user, clientId, value: found[attributes[type]] }, broker, counts);
      take({ type, user, clientId, value: found[throttle], isThrottle: true }, broker, counts);
    }
  }
}

const plainName = /^kafka_server_(produce|fetch|request)_(byte_rate|request_time|throttle_time)$/i;
const ruledName = /^kafka_server_quota_(byte_rate|request_time|throttle_time)$/i;

const isQuotaSample = (metric: string) => plainName.test(metric) || ruledName.test(metric);

function takeSample({ metric, labels, value }: Sample, broker: string, counts: Counts): void {
  const [, plainType, plainAttribute] = plainName.exec(metric) ?? [];
  const [, ruledAttribute] = ruledName.exec(metric) ?? [];
  const resource = plainType ?? labels['resource'];
  const type = types.find((each) => each.toLowerCase() === resource?.toLowerCase());
  const attribute = (plainAttribute ?? ruledAttribute)?.toLowerCase().replace('_', '-');
  if (type === undefined || (attribute !== attributes[type] && attribute !== throttle)) return;
  const clientId = labels['clientId'] ?? labels['client_id'] ?? labels['clientid'];
  take({ type, user: labels['user'], clientId, value, isThrottle: attribute === throttle }, broker, counts);
}

interface Attribute {
  type: QuotaType;
  user: string | undefined;
  clientId: string | undefined;
  value: unknown;
  isThrottle?: boolean;
}

function take({ type, user, clientId, value, isThrottle = false }: Attribute, broker: string, counts: Counts): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return;
  if ((user ?? '') === '' && (clientId ?? '') === '') return;
  const key = JSON.stringify([user ?? '', clientId ?? '']);
  const client = counts.get(key) ?? { broker, ...(user && { user }), ...(clientId && { clientId }) };
  if (!counts.has(key) && counts.size === mostClients) return;
  if (isThrottle) {
    if (value > 0) client.isThrottled = true;
  } else if (type === 'Produce') client.producedBytesPerSecond = value;
  else if (type === 'Fetch') client.fetchedBytesPerSecond = value;
  else client.threadSeconds = value / 100;
  counts.set(key, client);
}
