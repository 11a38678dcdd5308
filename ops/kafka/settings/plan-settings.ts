// Plans a change of Kafka settings: values before and after, validated by the broker.

import type { Io } from '../../../brokers/driver.ts';
import { configuredText, type Configured } from '../../../brokers/kafka/changes/settings.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { ownValue } from '../../change/borrowed-settings.ts';
import type { KafkaTools } from '../administration.ts';
import { throttleKeys } from '../execute/throttle.ts';
import { noSuchTopic } from '../topics/plan-delete-topic.ts';
import type { SettingsFacts } from './alter-settings.ts';
import { defaultRetentionFindings, hiddenFindings, settingsByBroker } from './broker-defaults.ts';
import { inSyncFindings } from './in-sync-findings.ts';
import { retentionFindings, type GroupsOfCluster } from './shorter-retention.ts';

export interface SettingsSpec {
  of: Configured;
  set: Readonly<Record<string, string>>;
  /** Keys to reset to the default. */
  reset: readonly string[];
  acceptReaders: boolean;
}

/** Brokers report these as read-only, although they can be changed at run time. */
const throttleRates: ReadonlySet<string> = new Set(throttleKeys.broker);

/** @throws AppError usage for an unknown or read-only key, or a value of the wrong type; broker-refused, not-found */
export async function planSettings(
  tools: KafkaTools,
  { of, set, reset, acceptReaders }: SettingsSpec,
  io: Io,
  readGroups: () => Promise<GroupsOfCluster>,
): Promise<PlannedChange<SettingsFacts>> {
  const { admin } = tools;
  const cluster = await admin.describe(io);
  const known = await admin.allSettings(describedOf(cluster, of), io);
  const own = of.name === '' ? await admin.allSettings(of, io) : known;
  const wanted: (readonly [string, string | null])[] = [
    ...Object.entries(set),
    ...reset.map((key) => [key, null] as const),
  ];
  const keys = wanted.map(([key]) => key);
  const brokers = of.name === '' ? await settingsByBroker(admin, cluster.brokers, keys, io) : [];
  /** Default of all brokers, from a broker without an individual value. */
  const inForce = (key: string) =>
    brokers.map(({ settings }) => settings.get(key)).find((setting) => setting?.isOwn === false) ?? known.get(key);
  const unread = brokers.filter(({ settings }) => settings.size === 0).map(({ id }) => id);
  const findings: Finding[] = findingIf(unread.length > 0, 'warning', 'settings-unread', {
    en: `brokers that do not answer may keep values of their own: ${named(unread)}`,
    zh: `以下 Broker 没有响应，可能保留单独设置的值：${named(unread, 5, 'zh')}`,
  });
  const changes: SettingsFacts['changes'] = [];
  for (const [key, after] of wanted) {
    const setting = known.get(key);
    if (setting === undefined) throw unknownKey(key, of, [...known.keys()]);
    if (setting.isReadOnly && !throttleRates.has(key)) {
      throw new AppError('usage', `${key} cannot be changed while a broker runs: it is read-only`, {
        hint: 'set it in server.properties and restart the broker',
      });
    }
    const before = ownValue(own.get(key));
    if (setting.isSecret) {
      throw new AppError(
        'usage',
        `${key} is a secret: brokers do not report its value, so it could not be rolled back`,
        { hint: 'set it with kafka-configs.sh' },
      );
    }
    findings.push(...hiddenFindings(key, after, brokers, tools.clusterArgs));
    if (before === after) {
      findings.push(
        finding('info', 'nothing-to-do', {
          en: `${key} of ${configuredText(of)} is ${after ?? 'the default'} already`,
          zh: `${configuredText(of)} 的 ${key} 已是 ${after ?? '默认值'}`,
        }),
      );
      continue;
    }
    const fallback = inForce(key);
    const defaultValue = before === null && fallback?.isOwn === false ? fallback.value : undefined;
    changes.push({ key, before, after, ...(defaultValue !== undefined && { defaultValue }) });
  }
  if (changes.length > 0) {
    const request = Object.fromEntries(changes.map(({ key, after }) => [key, after ?? undefined]));
    await admin.alterSettings(of, request, io, { validateOnly: true });
  }
  const id = of.kind === 'topic' ? cluster.topics.find(({ name }) => name === of.name)?.id : undefined;
  const facts = { of: { ...of }, ...defined({ id }), changes };
  const now = (key: string) => inForce(key)?.value;
  findings.push(
    ...(await retentionFindings(tools, { facts, now, acceptReaders, readGroups }, io)),
    ...(await inSyncFindings(tools, { facts, now, topics: cluster.topics }, io)),
  );
  if (of.kind === 'broker') {
    const changed = of.name === '' ? brokers : [{ id: of.name, settings: known }];
    findings.push(...defaultRetentionFindings(facts, changed, acceptReaders));
  }
  return { facts, findings };
}

/** The default of all brokers is described through one broker. */
function describedOf({ brokers, topics }: KafkaMetadata, of: Configured): Configured {
  if (of.kind === 'topic') {
    if (topics.some(({ name }) => name === of.name)) return of;
    throw noSuchTopic(of.name, topics);
  }
  return of.name === '' ? { kind: 'broker', name: brokers[0]?.id ?? '' } : of;
}

function unknownKey(key: string, of: Configured, keys: readonly string[]): AppError {
  return new AppError('usage', `${configuredText(of)} has no setting ${key}`, {
    hint: meantHint(key, keys, "Kafka's documentation lists the settings of topics and brokers"),
  });
}
