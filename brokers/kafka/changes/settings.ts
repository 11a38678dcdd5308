// Reads and alters the dynamic settings of topics and brokers: DescribeConfigs, IncrementalAlterConfigs.

import { incrementalAlterConfigsV1 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { kafkaErrorNamed, permissionsHint, refusalOf } from '../errors.ts';
import { neededPermission } from '../needed-permission.ts';
import { describeConfigs } from '../reading/describe-configs.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** `topic orders` or `broker 3`; a broker without a name is the default of all brokers. */
export interface Configured {
  kind: 'topic' | 'broker';
  name: string;
}

export const configuredText = ({ kind, name }: Configured): string =>
  name === '' ? `all ${kind}s` : `${kind} ${name}`;

/** New values by key; undefined removes the setting, so that the broker's default applies again. */
export type SettingChanges = Readonly<Record<string, string | undefined>>;

const resourceTypes = { topic: 2, broker: 4 } as const;
/** ConfigSource: set on this topic, set at run time on this broker. Inherited values have the broker's source. */
export const ownSources = { topic: 1, broker: 2 } as const;
/** ConfigSource: set at run time on all brokers. */
const sharedSource = 3;
const operations = { set: 0, delete: 1 } as const;

export interface DescribedSetting {
  value?: string;
  /** Whether it is set on this topic or broker, and not a default. */
  isOwn: boolean;
  /** Whether the broker does not allow to change it at run time. */
  isReadOnly: boolean;
  /** Whether the broker hides the value. */
  isSecret: boolean;
}

export type Setting = Pick<DescribedSetting, 'value' | 'isOwn'>;

/** @param keys undefined reads all settings. @throws AppError as the broker answers */
export async function readSettingsOf(
  link: Link,
  of: Configured,
  keys: readonly string[] | undefined,
  io: Io,
): Promise<ReadonlyMap<string, DescribedSetting>> {
  const action = `read the settings of ${configuredText(of)}`;
  const resource = {
    resourceType: resourceTypes[of.kind],
    resourceName: of.name,
    ...(keys && { configurationKeys: [...keys] }),
  };
  const ownSource = of.name === '' ? sharedSource : ownSources[of.kind];
  const [result] = await describeConfigs(link, action, [resource], io);
  refuse(link, { action, api: 'DescribeConfigs' }, result?.errorCode, result?.errorMessage);
  return new Map(
    (result?.configs ?? []).map(({ name, value, configSource, readOnly, isSensitive }) => [
      name,
      {
        ...(typeof value === 'string' && { value }),
        isOwn: configSource === ownSource,
        isReadOnly: readOnly,
        isSecret: isSensitive,
      },
    ]),
  );
}

/** @param validateOnly only checks the request. @throws AppError as the broker answers; then nothing is changed */
export async function alterSettingsOf(
  link: Link,
  of: Configured,
  changes: SettingChanges,
  io: Io,
  { validateOnly = false } = {},
): Promise<void> {
  const api = newestSpoken(link, incrementalAlterConfigsV1.api);
  const action = `change ${Object.keys(changes).join(', ')} of ${configuredText(of)}`;
  const configs = Object.entries(changes).map(([name, value]) =>
    value === undefined
      ? { name, configOperation: operations.delete }
      : { name, configOperation: operations.set, value },
  );
  const resource = { resourceType: resourceTypes[of.kind], resourceName: of.name, configs };
  const { responses } = await link.askForParts(action, io, api, [resource], validateOnly);
  const attempt = { action, api: 'IncrementalAlterConfigs', validateOnly };
  refuse(link, attempt, responses[0]?.errorCode, responses[0]?.errorMessage);
}

/** Hints for errors about a value of the request. */
const hintOfValue: Readonly<Record<string, string>> = {
  INVALID_CONFIG: 'correct the setting: times and sizes are plain numbers, such as retention.ms=86400000 for a day',
  INVALID_REPLICATION_FACTOR: 'each replica needs a separate broker: `plimsoll get brokers` lists them',
  INVALID_PARTITIONS: 'give one partition or more',
  INVALID_TOPIC_EXCEPTION: 'use a name that the message allows',
  INVALID_REQUEST: 'correct the value named in the message',
};

/** Kafka 4.1 and later: eligible leader replicas. */
const hintOfElr = 'set it with --all-brokers, or for topics with `plimsoll ops kafka alter-topic`';

/** @throws AppError broker-refused with the broker's message; usage for a value that `validateOnly` found wrong */
export function refuse(
  { address }: Pick<Link, 'address'>,
  { action, api, validateOnly = false }: { action: string; api: string; validateOnly?: boolean },
  code: number | undefined,
  message: string | null | undefined,
): void {
  const refusal = code === undefined ? 'empty response' : refusalOf(code, api);
  if (refusal === undefined) return;
  const error = kafkaErrorNamed(code ?? 0) ?? '';
  const wrongValue = validateOnly ? (/ELR/.test(message ?? '') ? hintOfElr : hintOfValue[error]) : undefined;
  const hint = neededPermission(error, api) === undefined ? wrongValue : permissionsHint;
  throw new AppError(
    wrongValue === undefined ? 'broker-refused' : 'usage',
    `cannot ${action} on ${address}: ${refusal}${message ? `, ${message}` : ''}`,
    hint === undefined ? {} : { hint },
  );
}
