// Requests about one broker: runtime information, replication, settings, cleanups and traffic.

import { AppError } from '../../../core/errors.ts';
import { answered, type Response, typedRequest, answeredObject, command } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

// Encodes GET_BROKER_RUNTIME_INFO (28) and parses the keys of a master's or slave's answer.

/*
 * Request fields   none
 * Response body    {"table":{key:text,…}}, about 60 keys; which ones differs by version (../runtime-info.ts)
 */

export const encodeGetBrokerRuntimeInfo = () => typedRequest(28, {}, parseGetBrokerRuntimeInfo);

/** Remark of 4.9.7 and 5.3.3 before the first sample of StoreStatsService, when the broker reads an empty list. */
const noSampleYet = /NoSuchElementException/;

/** @returns every key with its text as sent. @throws AppError broker-refused, answer-unreadable; broker-busy when it has just started */
export function parseGetBrokerRuntimeInfo(response: Response): ReadonlyMap<string, string> {
  if (response.code === 1 && noSampleYet.test(response.remark ?? '')) {
    throw new AppError('broker-busy', 'runtime information (28): the broker has just started and has no values yet', {
      hint: 'try again in a few seconds',
    });
  }
  const { body } = answered(response, 'runtime information (28)');
  const table = new Map<string, string>();
  for (const [key, value] of parseLooseObject(body).object('table')?.entries ?? []) {
    if (typeof key === 'string' && typeof value === 'string') table.set(key, value);
  }
  return table;
}

// Encodes GET_BROKER_HA_STATUS (907, 5.x) and parses the replication state of a master's slaves.

/*
 * Request fields   none
 * Response body    {"master":boolean,"masterCommitLogMaxOffset":int64,"inSyncSlaveNums":int,
 *                   "haConnectionInfo":[{"addr":"/ip:port","slaveAckOffset":int64,"diff":int64 bytes,"inSync":boolean,
 *                      "transferredByteInSecond":int64,"transferFromWhere":int64},…],"haClientRuntimeInfo":{…}}
 * Response code    3  a broker of 4.x
 */

export interface HaStatus {
  masterCommitLogMaxOffset: bigint;
  inSyncSlaves: number;
  slaves: readonly {
    address: string;
    ackOffset: bigint;
    behindBytes: bigint;
    inSync: boolean;
    bytesPerSecond: number;
  }[];
}

export const encodeGetBrokerHaStatus = () => typedRequest(907, {}, parseGetBrokerHaStatus);

/** @returns undefined when the broker is a slave. @throws AppError broker-refused, answer-unreadable */
export function parseGetBrokerHaStatus(response: Response): HaStatus | undefined {
  const body = answeredObject(response, 'replication status (907)');
  const masterCommitLogMaxOffset = body.bigint('masterCommitLogMaxOffset');
  if (body.flag('master') !== true || masterCommitLogMaxOffset === undefined) return undefined;
  const slaves = body.rows('haConnectionInfo').flatMap((slave) => {
    const [address, ackOffset] = [slave.text('addr'), slave.bigint('slaveAckOffset')];
    if (address === undefined || ackOffset === undefined) return [];
    return {
      address: address.replace(/^\//, ''),
      ackOffset,
      behindBytes: slave.bigint('diff') ?? masterCommitLogMaxOffset - ackOffset,
      inSync: slave.flag('inSync') ?? false,
      bytesPerSecond: slave.number('transferredByteInSecond') ?? 0,
    };
  });
  return { masterCommitLogMaxOffset, inSyncSlaves: body.number('inSyncSlaveNums') ?? 0, slaves };
}

// Encodes GET_BROKER_CONFIG (26) and GET_NAMESRV_CONFIG (319), and parses the settings of a broker or name server.

/*
 * Request fields   none
 * Response fields  version   DataVersion as JSON, from a broker
 * Response body    Java properties, UTF-8
 *
 * Code 318, next to 319, is UPDATE_NAMESRV_CONFIG, which writes.
 */

export const encodeGetBrokerConfig = () => typedRequest(26, {}, parseGetBrokerConfig);

/** @throws AppError broker-refused */
export function parseGetBrokerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'broker config (26)'));
}

export const encodeGetNameServerConfig = () => typedRequest(319, {}, parseGetNameServerConfig);

/** @throws AppError broker-refused */
export function parseGetNameServerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'name-server config (319)'));
}

/** Skips lines without a key; a value is everything after the first `=`. */
function settingsIn({ body }: Response): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of body.toString('utf8').split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) settings.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return settings;
}

// Encodes UPDATE_BROKER_CONFIG (25), which changes settings of a running broker.

/*
 * Request body  Java properties, UTF-8: one key=value a line
 * Response      nothing; code 16 for a key on the broker's configBlackList (5.x)
 *
 * The broker writes its whole configuration back to the file it was started with. A change of brokerPermission is registered
 * with every name server at once; unknown keys are dropped silently, so a change must be read back.
 */

/** @throws AppError usage for a setting that would not fit on one line of the file */
export function encodeUpdateBrokerConfig(settings: Readonly<Record<string, string>>) {
  const lines = Object.entries(settings).map(([key, value]) => {
    if (/[\r\n\\]/.test(key + value)) {
      throw new AppError('usage', `cannot set ${JSON.stringify(key)} to ${JSON.stringify(value)}: it is not one line`);
    }
    return `${key}=${value}\n`;
  });
  return command(25, 'change of settings', {}, Buffer.from(lines.join('')));
}

// Encodes the requests that make a broker delete what it no longer needs: 306, 316, 329.

/*
 * 306  CLEAN_EXPIRED_CONSUMEQUEUE  consume queues whose messages have all left the commit log
 * 316  CLEAN_UNUSED_TOPIC          consume queues of topics that the broker does not have any more
 * 329  DELETE_EXPIRED_COMMITLOG    commit log files older than fileReservedTime, without waiting for deleteWhen
 * Request fields  none
 * Response        nothing
 */

const codes = { 'expired-consume-queues': 306, 'unused-topics': 316, 'expired-commit-log': 329 } as const;
export type Cleanup = keyof typeof codes;
export const cleanups = Object.keys(codes) as Cleanup[];

export const encodeClean = (what: Cleanup) => command(codes[what], 'cleanup', {});

// Encodes VIEW_BROKER_STATS_DATA (315) and parses the rate of a topic or group over the last minute.

/** The key is the topic for TOPIC_*, and `topic@group` for GROUP_* and SNDBCK_*. */
export type BrokerStatsName =
  'TOPIC_PUT_NUMS' | 'TOPIC_PUT_SIZE' | 'GROUP_GET_NUMS' | 'GROUP_GET_SIZE' | 'SNDBCK_PUT_NUMS';

/*
 * Request fields   statsName  string
 *                  statsKey   string
 * Response body    {"statsMinute":{"sum":int64,"tps":double,"avgpt":double},"statsHour":{…},"statsDay":{…}}
 * Response code    1, "The stats <…> <…> not exist": no traffic for long; normal
 *
 * The minute is the difference of two of seven samples, taken every ten seconds, so it is up to ten seconds old.
 */

export const encodeViewBrokerStats = ({ name, key }: { name: BrokerStatsName; key: string }) =>
  typedRequest(315, { statsName: name, statsKey: key }, parseViewBrokerStats);

/**
 * @returns messages or bytes per second over the last minute; undefined if the broker has none. @throws AppError
 * broker-refused, answer-unreadable
 */
export function parseViewBrokerStats(response: Response): number | undefined {
  if (response.code === 1 && response.remark?.includes('not exist') === true) return undefined;
  return answeredObject(response, 'traffic of a topic or group (315)').object('statsMinute')?.number('tps');
}
