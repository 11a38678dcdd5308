// Plans a change of RocketMQ broker settings: values before and after, validated against what each broker reports.

import type { Io } from '../../../brokers/driver.ts';
import { retentionSettings } from '../../../brokers/rocketmq/retention.ts';
import { isSecretSetting, shownValue } from '../../../brokers/secret-settings.ts';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { finding, type PlannedChange } from '../../change/change-kind.ts';
import { listMembers, type RocketmqTools } from '../administration.ts';
import type { BrokerSettingsFacts, ChangedBroker } from './broker-settings.ts';
import { lossFindings, type ReconfiguredBroker } from './loss-findings.ts';

export interface BrokerSettingsSpec {
  /** Names of broker groups, each with all its members; empty: all. */
  brokers: readonly string[];
  set: Readonly<Record<string, string>>;
  acceptReaders: boolean;
}

/**
 * A broker acts on these when it starts. Another value has no effect until then, or does harm: with SYNC_FLUSH the service of ASYNC_FLUSH
 * fails every send, and with another file size stored messages are looked up at the wrong positions (CommitLog of 4.9 and 5.x).
 */
const startOnly =
  /^(brokerName|brokerClusterName|brokerId|brokerRole|brokerIP1|brokerIP2|listenPort|haListenPort|storePath\w*|map+edFileSize\w+|flushDiskType|transientStorePool\w+|useReentrantLockWhenPutMessage|messageDelayLevel|\w+ThreadPoolNums|enableDLegerCommitLog|dLegerGroup|dLegerPeers|dLegerSelfId|enableControllerMode|rocketmqHome)$/;

/** @throws AppError usage for an unknown key, a secret, a wrong value or what is read at the start only; not-found; broker-unreachable */
export async function planBrokerSettings(
  tools: Pick<RocketmqTools, 'admin' | 'known'>,
  subject: string,
  { brokers: wanted, set, acceptReaders }: BrokerSettingsSpec,
  io: Io,
): Promise<PlannedChange<BrokerSettingsFacts>> {
  const { brokers: members, findings: found } = await listMembers(tools, wanted, io);
  const brokers: ChangedBroker[] = [];
  const reconfigured: ReconfiguredBroker[] = [];
  const findings = [...found];
  for (const { name, address } of members) {
    const now = await tools.admin.settings(address, io);
    const changed = Object.entries(set).filter(([key, value]) => {
      check(name, key, value, now);
      // A broker that is sent its permission registers again, which overwrites what `wipeWritePerm` changed.
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
    brokers.push({ name, address, before, after: Object.fromEntries(changed) });
    reconfigured.push({ name, now, after: new Map([...now, ...changed]) });
  }
  findings.push(...lossFindings(reconfigured, acceptReaders));
  return { subject, facts: { brokers }, findings };
}

/** A broker drops what it does not know and what it cannot parse, without an error. @throws AppError usage */
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
  // A plan is shown and stored, with the values before and after.
  if (isSecretSetting(key)) {
    throw new AppError('usage', `${key} may be a secret: a change plan would show and store its value`, {
      hint: 'set it with `mqadmin updateBrokerConfig`, or in the file of the broker',
    });
  }
  const expected = typeOf(current);
  if (expected !== undefined && typeOf(value) !== expected) {
    throw new AppError(
      'usage',
      `${key}=${shownValue(key, value)}: ${broker} has ${current}, so the value must be ${expected}`,
    );
  }
  if (retentionSettings.includes(key) && Number(value) < 1) {
    throw new AppError('usage', `${key}=${value}: the value must be at least 1 (hour)`, {
      hint: 'with less, the broker deletes messages that it has just stored',
    });
  }
}

/** As Java writes it; of other text any value is possible. */
function typeOf(value: string): string | undefined {
  if (/^(true|false)$/.test(value)) return 'true or false';
  return /^-?\d+$/.test(value) ? 'a whole number' : undefined;
}
