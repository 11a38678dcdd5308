// Sends the inspector's requests to one broker: limits them to a request budget, counts them, and explains errors.

import type { ReadGovernor } from '../../read-governor.ts';
import { ask, type AskIo } from '../ask.ts';
import type { RemotingClient, TypedRequest } from '../protocol/frame.ts';
import { AppError, type FaultCode } from '../../../core/errors.ts';

export interface BrokerLink {
  /** Id of a broker, or address of a name server or controller. */
  id: string;
  ask<Answer>(request: TypedRequest<Answer>, io: AskIo): Promise<Answer>;
}

/** Upstream's names of the requests. */
const requestNames: Readonly<Record<number, string>> = {
  11: 'PULL_MESSAGE',
  12: 'QUERY_MESSAGE',
  21: 'GET_ALL_TOPIC_CONFIG',
  26: 'GET_BROKER_CONFIG',
  28: 'GET_BROKER_RUNTIME_INFO',
  30: 'GET_MAX_OFFSET',
  31: 'GET_MIN_OFFSET',
  33: 'VIEW_MESSAGE_BY_ID',
  43: 'GET_ALL_CONSUMER_OFFSET',
  105: 'GET_ROUTEINFO_BY_TOPIC',
  106: 'GET_BROKER_CLUSTER_INFO',
  201: 'GET_ALL_SUBSCRIPTIONGROUP_CONFIG',
  202: 'GET_TOPIC_STATS_INFO',
  203: 'GET_CONSUMER_CONNECTION_LIST',
  208: 'GET_CONSUME_STATS',
  307: 'GET_CONSUMER_RUNNING_INFO',
  315: 'VIEW_BROKER_STATS_DATA',
  319: 'GET_NAMESRV_CONFIG',
  328: 'GET_ALL_PRODUCER_INFO',
  907: 'GET_BROKER_HA_STATUS',
  1005: 'CONTROLLER_GET_METADATA_INFO',
  1006: 'CONTROLLER_GET_SYNC_STATE_DATA',
  200078: 'GET_LITE_GROUP_INFO',
};

export interface Links {
  to(id: string, address: string): BrokerLink;
  /** Returns the number of requests by name since the last call. */
  counts(): Readonly<Record<string, number>>;
}

export function createLinks(client: RemotingClient, governor: ReadGovernor): Links {
  let counted: Record<string, number> = {};
  return {
    to: (id, address) => ({
      id,
      async ask(request, io) {
        const name = requestNames[request.code] ?? String(request.code);
        await governor.take(id, 1, io);
        counted[name] = (counted[name] ?? 0) + 1;
        return ask(client, { action: `read ${name}`, address }, request, io);
      },
    }),
    counts() {
      const counts = counted;
      counted = {};
      return counts;
    },
  };
}

/** @param codes of faults that count as a refusal */
export async function unlessRefused<Answer>(
  read: () => Promise<Answer>,
  codes: readonly FaultCode[] = ['broker-refused'],
): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && codes.includes(cause.code)) return undefined;
    throw cause;
  }
}
