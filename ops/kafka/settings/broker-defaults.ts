// Reads broker settings that are topic defaults, and finds what changing them deletes or does not affect.

import type { Io } from '../../../brokers/driver.ts';
import type { Setting } from '../../../brokers/kafka/changes/settings.ts';
import { pipelined } from '../../../brokers/pipelined.ts';
import type { Broker } from '../../../core/cluster.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import { isAlike, ownValue } from '../../change/borrowed-settings.ts';
import { findingIf, oneFinding } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaTools } from '../administration.ts';
import type { SettingsFacts } from './alter-settings.ts';
import { readersAdvice } from '../../change/still-written.ts';

interface BrokerSettings {
  id: string;
  settings: ReadonlyMap<string, Setting>;
}

/** Values by topic key. */
export type Values = (key: string) => string | undefined;

/** Broker settings that are topic defaults: the first one set applies, times a factor to the unit of the topic setting. */
const defaults: Readonly<Record<string, readonly (readonly [setting: string, factor: number])[]>> = {
  'retention.ms': [
    ['log.retention.ms', 1],
    ['log.retention.minutes', 60_000],
    ['log.retention.hours', 3_600_000],
  ],
  'retention.bytes': [['log.retention.bytes', 1]],
  'cleanup.policy': [['log.cleanup.policy', 1]],
};
const sourcesOf = (key: string): readonly (readonly [setting: string, factor: number])[] => defaults[key] ?? [[key, 1]];
const settingsFor = (key: string) => sourcesOf(key).map(([setting]) => setting);

/** Whether the key decides which messages of a topic are deleted. */
export const isRetentionKey = (key: string): boolean => key in defaults;

const atOnce = 16;

/**
 * @param keys read together with all retention defaults. @returns no settings for brokers without a response. @throws
 *   AppError of a broker
 */
export function settingsByBroker(
  admin: KafkaTools['admin'],
  brokers: readonly Broker[],
  keys: readonly string[],
  io: Io,
): Promise<BrokerSettings[]> {
  const all = [...new Set([...keys, ...Object.keys(defaults).flatMap(settingsFor)])];
  return pipelined(brokers, atOnce, async ({ id }) => ({
    id,
    settings: await admin.settingsOf({ kind: 'broker', name: id }, all, io).catch((cause: unknown) => {
      io.signal.throwIfAborted();
      if (!(cause instanceof AppError) || !(isUnreachable(cause) || cause.code === 'not-found')) throw cause;
      return new Map<string, Setting>();
    }),
  }));
}

/** @returns undefined if the user may not read them */
export async function brokerDefaults({ admin }: Pick<KafkaTools, 'admin'>, io: Io): Promise<Values | undefined> {
  const { brokers } = await admin.describe(io);
  try {
    const settings = await admin.allSettings({ kind: 'broker', name: brokers[0]?.id ?? '' }, io);
    return ofTopics((key) => settings.get(key)?.value);
  } catch (cause) {
    io.signal.throwIfAborted();
    if (!(cause instanceof AppError) || cause.code !== 'broker-refused') throw cause;
    return undefined;
  }
}

/** @param values by broker key */
const ofTopics =
  (values: Values): Values =>
  (key) => {
    const [first] = sourcesOf(key).flatMap(([setting, factor]) => {
      const value = values(setting);
      return value === undefined ? [] : [factor === 1 ? value : String(Number(value) * factor)];
    });
    return first;
  };

/** Sorts the words of a list; Kafka ignores blanks and order. */
export const policyOf = (values: Values): string =>
  (values('cleanup.policy') ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .toSorted()
    .join();

/** Topics without an explicit value are affected. After a reset server.properties applies, which no request can read. */
export function defaultRetentionFindings(
  { of, changes }: SettingsFacts,
  brokers: readonly BrokerSettings[],
  acceptReaders: boolean,
): Finding[] {
  const advice = readersAdvice(acceptReaders);
  return Object.keys(defaults).flatMap((key) => {
    const ofKey = changes.filter((change) => settingsFor(key).includes(change.key));
    if (!ofKey.some(({ after }) => after === null) && !brokers.some((each) => isLess(key, of, ofKey, each))) return [];
    const whatIn = (none: string) => ofKey.map((change) => `${change.key}=${change.after ?? none}`).join(', ');
    return oneFinding(acceptReaders ? 'warning' : 'critical', 'readers-unknown', {
      en: `every topic without its own value follows ${whatIn('the default')}: messages that groups have not read may be deleted, which is not checked${advice.en}`,
      zh: `所有未单独设置的 Topic 都会采用 ${whatIn('默认值')}：可能删除消费组尚未读取的消息，且未作检查${advice.zh}`,
    });
  });
}

function isLess(key: string, of: SettingsFacts['of'], changes: SettingsFacts['changes'], { settings }: BrokerSettings) {
  const now = ofTopics((setting) => settings.get(setting)?.value);
  const then = ofTopics((setting) => {
    const known = settings.get(setting);
    const isHidden = of.name === '' && known?.isOwn === true;
    const change = isHidden ? undefined : changes.find((each) => each.key === setting);
    return change?.after ?? known?.value;
  });
  return key === 'cleanup.policy' ? policyOf(then) !== policyOf(now) : lengthOf(then(key)) < lengthOf(now(key));
}

/** @returns Infinity (no limit) if negative or absent */
export function lengthOf(value: string | undefined): number {
  const length = Number(value ?? -1);
  return length < 0 ? Infinity : length;
}

/** Brokers prefer their individual value to the default of all brokers. */
export function hiddenFindings(
  key: string,
  after: string | null,
  brokers: readonly BrokerSettings[],
  clusterArgs: string,
): Finding[] {
  const hiding = brokers.flatMap(({ id, settings }) => {
    const value = ownValue(settings.get(key));
    return value === null || isAlike(value, after) ? [] : [{ id, text: `${id} (${value})` }];
  });
  const texts = hiding.map(({ text }) => text);
  const accept = Object.keys(defaults).some((of) => settingsFor(of).includes(key)) ? ' --accept-readers' : '';
  const command = `plimsoll ops kafka alter-config${clusterArgs} --broker ${hiding[0]?.id ?? ''} --reset ${key}${accept} --execute`;
  return findingIf(hiding.length > 0, 'warning', 'hidden-by-own-value', {
    en: `${key} does not change on brokers with their own value: ${named(texts)}. Reset it on each of them: \`${command}\``,
    zh: `以下 Broker 单独设置了 ${key}，因此不会改变：${named(texts, 5, 'zh')}。请逐个重置：\`${command}\``,
  });
}
