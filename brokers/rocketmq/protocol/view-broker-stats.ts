// Encodes VIEW_BROKER_STATS_DATA (315) and parses the rate of a topic or group over the last minute.

import { answeredObject, type Response, typedRequest } from './frame.ts';

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
