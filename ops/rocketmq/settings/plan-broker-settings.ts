// Plans a change of RocketMQ broker settings: values before and after, validated against the values each broker reports.

import type { Io } from '../../../brokers/driver.ts';
import { retentionSettings, retentionHoursIn } from '../../../brokers/rocketmq/retention.ts';
import { shownValue } from '../../../core/secret-settings.ts';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { listMembers, type RocketmqTools } from '../administration.ts';
import type { BrokerSettingsFacts, ChangedBroker } from './broker-settings.ts';
import { readNumber } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { permissionIn } from '../close-writes.ts';
import { readersAdvice } from '../../change/still-written.ts';

export interface BrokerSettingsSpec {
  /** Names of broker groups, each with all its members; empty: all. */
  brokers: readonly string[];
  set: Readonly<Record<string, string>>;
  acceptReaders: boolean;
}

/**
 * Settings read only at the start. A change has no effect until then, or causes damage: with SYNC_FLUSH the service of
 * ASYNC_FLUSH fails every send, and with another file size stored messages are looked up at the wrong positions
 * (CommitLog of 4.9 and 5.x).
 */
const startOnly =
  /^(brokerName|brokerClusterName|brokerId|brokerRole|brokerIP1|brokerIP2|listenPort|haListenPort|storePath\w*|map+edFileSize\w+|flushDiskType|transientStorePool\w+|useReentrantLockWhenPutMessage|messageDelayLevel|\w+ThreadPoolNums|enableDLegerCommitLog|dLegerGroup|dLegerPeers|dLegerSelfId|enableControllerMode|rocketmqHome)$/;

/**
 * @throws AppError usage for an unknown key, a secret, a wrong value or a setting read only at the start; not-found;
 *   broker-unreachable
 */
export async function planBrokerSettings(
  tools: Pick<RocketmqTools, 'admin' | 'known'>,
  { brokers: wanted, set, acceptReaders }: BrokerSettingsSpec,
  io: Io,
): Promise<PlannedChange<BrokerSettingsFacts>> {
  const { brokers: members, findings: found } = await listMembers(tools, wanted, io);
  const brokers: ChangedBroker[] = [];
  const reconfigured: ReconfiguredBroker[] = [];
  const findings = [...found];
  for (const { name, address, others } of members) {
    const now = await tools.admin.settings(address, io);
    const changed = Object.entries(set).filter(([key, value]) => {
      check(name, key, value, now);
      // Sending the permission makes a broker register again, which overwrites the effect of `wipeWritePerm`.
      return key === 'brokerPermission' || now.get(key) !== value;
    });
    if (changed.length === 0) {
      findings.push(
        finding('info', 'nothing-to-do', {
          en: `${name} runs with these values already`,
          zh: `${name} 已使用这些值`,
        }),
      );
      continue;
    }
    const before = Object.fromEntries(changed.map(([key]) => [key, now.get(key) ?? '']));
    brokers.push({ name, address, others, before, after: Object.fromEntries(changed) });
    reconfigured.push({ name, now, after: new Map([...now, ...changed]) });
  }
  findings.push(...lossFindings(reconfigured, acceptReaders));
  return { facts: { brokers }, findings };
}

/** Brokers drop unknown keys and invalid values without an error. @throws AppError usage */
function check(broker: string, key: string, value: string, now: ReadonlyMap<string, string>): void {
  const current = now.get(key);
  if (current === undefined) {
    throw new AppError('usage', `${broker} reports no setting ${key}`, {
      hint: meantHint(key, [...now.keys()], '`plimsoll get config BROKER` lists its settings'),
    });
  }
  if (startOnly.test(key)) {
    throw new AppError('usage', `${key} cannot be changed while a broker runs: it is read when it starts`, {
      hint: 'change the file of the broker and restart it',
    });
  }
  // A plan is shown and stored with the values before and after.
  if ([current, value].some((each) => shownValue(key, each) !== each)) {
    throw new AppError('usage', `${key} may be a secret: a change plan would show and store its value`, {
      hint: 'set it with `mqadmin updateBrokerConfig`, or in the file of the broker',
    });
  }
  const expected = typeOf(current);
  if (expected !== undefined && typeOf(value) !== expected) {
    throw new AppError('usage', `${key}=${value}: ${broker} has ${current}, so the value must be ${expected}`);
  }
  if (retentionSettings.includes(key) && Number(value) < 1) {
    throw new AppError('usage', `${key}=${value}: the value must be at least 1 (hour)`, {
      hint: 'with less, the broker deletes messages that it has just stored',
    });
  }
}

/** Type of a value in Java's notation; undefined for text, which allows any value. */
function typeOf(value: string): string | undefined {
  if (/^(true|false)$/.test(value)) return 'true or false';
  return /^-?\d+$/.test(value) ? 'a whole number' : undefined;
}

type Settings = ReadonlyMap<string, string>;

interface ReconfiguredBroker {
  name: string;
  now: Settings;
  after: Settings;
}

/** Does not count unread messages: brokers report lag in messages, not in hours. */
function lossFindings(brokers: readonly ReconfiguredBroker[], acceptReaders: boolean): Finding[] {
  const shorter = brokers.filter(({ now, after }) => hoursIn(after) < hoursIn(now));
  const advice = readersAdvice(acceptReaders);
  const deleted = Array.from(
    Map.groupBy(shorter, ({ after }) => hoursIn(after)),
    ([hours, of]) => {
      const names = of.map(({ name }) => name);
      return finding(acceptReaders ? 'warning' : 'critical', 'what-is-lost', {
        en: `messages older than ${hours} h are deleted on ${named(names)}, read or not: groups that lag by more than ${hours} h lose messages (check \`plimsoll get groups\`)${advice.en}`,
        zh: `${named(names, 5, 'zh')} 会删除超过 ${hours} 小时的消息，无论是否已读：堆积超过 ${hours} 小时的消费组会丢失消息（请用 \`plimsoll get groups\` 检查）${advice.zh}`,
      });
    },
  );
  return [...deleted, ...closed(brokers, 4), ...closed(brokers, 2)];
}

/** Uses the retention of the commit log if tiered storage does not report its retention. */
const hoursIn = (settings: Settings): number =>
  retentionHoursIn(settings) ?? readNumber(settings.get('fileReservedTime')) ?? 0;

/** @param bit of PermName: 4 read, 2 write */
function closed(brokers: readonly ReconfiguredBroker[], bit: 4 | 2): Finding[] {
  const names = brokers
    .filter(({ now, after }) => (permissionIn(now) & ~permissionIn(after) & bit) !== 0)
    .map(({ name }) => name);
  return findingIf(names.length > 0, 'warning', 'permission-taken', {
    en: `clients can no longer ${bit === 4 ? 'read from' : 'write to'} ${named(names)}`,
    zh: `客户端将无法再${bit === 4 ? '读取' : '写入'} ${named(names, 5, 'zh')}`,
  });
}
