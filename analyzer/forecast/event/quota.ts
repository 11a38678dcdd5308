// Computes client quotas that throttle producers enough for the peak to stay below the safe maximum.

import { bytesText, rateText } from '../../../core/text/quantity-text.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { largestFirst, noGain, type EventState, type PrepareAction } from './prepared.ts';

/** Share of the load of the clients to throttle: throttling the rest gains little. */
const share = 0.8;
const mostClients = 10;
/** Share of the current rate that a quota must leave: less would stop a client instead of slowing it down. */
const leastKept = 0.1;

export const prepareQuota: PrepareAction = (state) => {
  const { broker, peak, topics, unlistedTopics = new Set<string>() } = state;
  const configured = [...(state.clientIds ?? [])];
  const clientIds = new Map(configured.filter(([topic]) => !unlistedTopics.has(topic)));
  const sizes = state.messageBytes ?? new Map<string, number>();
  if (!traitsOf(broker).hasQuotas) return noGain('quota', 'no-quota-in-broker');
  const safe = safeTpsOf(state.verdict.safeMaxTps);
  if (safe === undefined) return noGain('quota', 'no-safe-maximum');
  if (peak === undefined) return noGain('quota', 'no-forecast');
  if (peak.high <= safe) return noGain('quota', 'load-below-limit');
  // The rates of hidden topics are included only in the rates of brokers.
  const total = Math.max(sumOf(topics.values()), sumOf(state.brokers.values()));
  if (!(total > 0) || topics.size === 0) return noGain('quota', 'no-topic-rates');
  const clients = clientsOf(topics, clientIds, share * total);
  if (clients.length === 0) return noGain('quota', 'no-client-ids');
  // A quota covers all topics of its client, including hidden or unread ones.
  const ofClients = configured.filter(([, id]) => clients.some(({ clientId }) => clientId === id));
  const leftOut = leftOutText(ofClients.flatMap(([topic]) => (unlistedTopics.has(topic) ? [topic] : [])));
  if (ofClients.some(([topic]) => clientIds.has(topic) && !topics.has(topic))) return noGain('quota', 'no-topic-rates');
  const isSized = ({ name }: { name: string }) => sizes.has(name);
  if (!clients.every((client) => client.topics.every(isSized))) return noGain('quota', 'no-message-size');
  const isPlaced = ({ name }: { name: string }) => (state.partitions?.get(name)?.size ?? 0) > 0;
  if (!clients.every((client) => client.topics.every(isPlaced))) return noGain('quota', 'not-read-yet');
  const clientsTps = clients.reduce((sum, { nowTps }) => sum + nowTps, 0);
  // The other load grows with the peak too, so the throttled clients get what remains of the safe maximum.
  const rest = (total - clientsTps) / total;
  const left = safe - peak.high * rest;
  if (left <= 0) return noGain('quota', 'rest-above-limit');
  if (left < leastKept * clientsTps) return noGain('quota', 'cut-too-deep');
  const held = clients.map((client) => heldTo(client, left / clientsTps));
  const growth = (peak.high * clientsTps) / (total * left);
  const bytesOf = ({ name, toTps }: HeldTopic) => toTps * (sizes.get(name) ?? 0);
  const meanBytes = bytesText(sumOf(held.flatMap(({ topics: its }) => its.map(bytesOf))) / left);
  const gainAt = (tps: number) => Math.max(0, tps - Math.min(tps, left + tps * rest));
  return {
    kind: 'ready',
    lever: 'quota',
    gain: { low: gainAt(peak.mid), high: gainAt(peak.high) },
    targets: held.flatMap((client) => client.topics),
    commands: held.map((client) => commandOf(state, client, { bytesOf, growth })),
    evidence: `the forecast peak of up to ${rateText(peak.high)} (most likely ${rateText(peak.mid)}) exceeds the safe maximum of ${rateText(safe)}; the reduction is in proportion to the current load. The byte rates are of messages as the topics store them, after compression: ${meanBytes} on average${leftOut.en}`,
    evidenceZh: `预测峰值最高 ${rateText(peak.high, 'zh')}（最可能 ${rateText(peak.mid, 'zh')}），超过安全上限 ${rateText(safe, 'zh')}；按当前负载的比例分摊限流。字节速率按各 Topic 实际存储（压缩后）的消息大小换算，平均 ${meanBytes}${leftOut.zh}`,
  };
};

const sumOf = (values: Iterable<number>) => Iterator.from(values).reduce((sum, value) => sum + value, 0);

function leftOutText(topics: readonly string[]): InLanguages<string> {
  if (topics.length === 0) return { en: '', zh: '' };
  return {
    en: `. Topics that the cluster does not list (deleted, or hidden by ACLs) are left out: ${topics.join(', ')}. If one still exists, the quota throttles it, too`,
    zh: `。以下 Topic 不在集群的 Topic 列表中（已删除，或因 ACL 不可见），未计入：${topics.join('、')}。若其中有 Topic 仍在使用，限流也会作用于它`,
  };
}

interface Client {
  clientId: string;
  nowTps: number;
  topics: readonly { name: string; nowTps: number }[];
}

/** The largest clients until they add up to the wanted rate; topics without a known client cannot be throttled. */
function clientsOf(
  topics: ReadonlyMap<string, number>,
  clientIds: ReadonlyMap<string, string>,
  wantedTps: number,
): Client[] {
  const known = largestFirst(topics).filter(({ name, nowTps }) => nowTps > 0 && clientIds.has(name));
  const clients = [...Map.groupBy(known, ({ name }) => clientIds.get(name) ?? '')]
    .map(([clientId, its]) => ({ clientId, nowTps: its.reduce((sum, { nowTps }) => sum + nowTps, 0), topics: its }))
    .toSorted((a, b) => b.nowTps - a.nowTps)
    .slice(0, mostClients);
  let covered = 0;
  return clients.filter(({ nowTps }) => {
    const isWanted = covered < wantedTps;
    covered += nowTps;
    return isWanted;
  });
}

interface HeldTopic {
  name: string;
  nowTps: number;
  toTps: number;
}

const heldTo = ({ clientId, topics }: Client, factor: number) => ({
  clientId,
  topics: topics.map((topic): HeldTopic => ({ ...topic, toTps: topic.nowTps * factor })),
});

/**
 * A quota applies to a client id at each broker, not to a topic (KIP-13). At the upper end of the peak, the client's leaders must
 * together accept its allowed rate: leaders that receive less than the quota accept all of it.
 *
 * @param growth ratio of the rate that clients send at the upper end of the peak to their allowed rate
 */
function commandOf(
  { cluster, partitions }: EventState,
  { clientId, topics }: ReturnType<typeof heldTo>,
  { bytesOf, growth }: { bytesOf: (topic: HeldTopic) => number; growth: number },
): string {
  const byBroker = new Map<string, number>();
  for (const topic of topics) {
    const leaders = partitions?.get(topic.name) ?? new Map<string, number>();
    const perPartition = bytesOf(topic) / sumOf(leaders.values());
    for (const [id, count] of leaders) byBroker.set(id, (byBroker.get(id) ?? 0) + count * perPartition);
  }
  const held = [...byBroker.values()];
  const offered = held.map((rate) => growth * rate);
  const bytes = Math.round(levelOf(offered, sumOf(held)));
  return `plimsoll ops kafka alter-quotas --cluster ${quotedWord(cluster)} --client ${quotedWord(clientId)} --set producer_byte_rate=${Math.max(1, bytes)}`;
}

/** @returns the cap on each rate at which the rates add up to `sum` */
function levelOf(rates: readonly number[], sum: number): number {
  let [left, count] = [sum, rates.length];
  for (const rate of rates.toSorted((a, b) => a - b)) {
    if (count === 1 || rate * count >= left) break;
    left -= rate;
    count -= 1;
  }
  return left / count;
}
