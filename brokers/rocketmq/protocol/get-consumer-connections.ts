// Encodes GET_CONSUMER_CONNECTION_LIST (203) and parses a group's clients and subscriptions.

import { defined } from '../../../core/defined.ts';
import { answeredObject, type Response, typedRequest } from './frame.ts';
import { connectionsOf } from './connection-row.ts';

/*
 * Request fields   consumerGroup  string
 * Response body    {"connectionSet":[{"clientAddr":string,"clientId":string,"language":enum,"version":int},…],
 *                   "subscriptionTable":{topic:{"topic":string,"subString":string,"expressionType":string,…},…},
 *                   "consumeType":"CONSUME_PASSIVELY"|"CONSUME_ACTIVELY"|"CONSUME_POP","messageModel":"CLUSTERING"|"BROADCASTING",…}
 * Response code    206  no client of the group is connected to this broker
 */

export type ConsumerConnections = ReturnType<typeof parseGetConsumerConnections>;

export const encodeGetConsumerConnections = (group: string) =>
  typedRequest(203, { consumerGroup: group }, parseGetConsumerConnections);

const consumeTypes = { CONSUME_PASSIVELY: 'push', CONSUME_ACTIVELY: 'pull', CONSUME_POP: 'pop' } as const;
const messageModels = { CLUSTERING: 'clustering', BROADCASTING: 'broadcasting' } as const;

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerConnections(response: Response) {
  if (response.code === 206) return { kind: 'offline' as const };
  const body = answeredObject(response, 'clients of a group (203)');
  const subscriptions = body
    .members('subscriptionTable')
    .map(([topic, of]) => [topic, of.text('subString') ?? '*'] as const);
  return defined({
    kind: 'online' as const,
    clients: connectionsOf(body.list('connectionSet')),
    consumeType: labelOf(consumeTypes, body.text('consumeType')),
    messageModel: labelOf(messageModels, body.text('messageModel')),
    /** Subscription expression by topic; the broker keeps one per group, from the latest heartbeat. */
    subscriptions: Object.fromEntries(subscriptions),
  });
}

function labelOf<Labels extends Record<string, string>>(labels: Labels, name = ''): Labels[keyof Labels] | undefined {
  return Object.hasOwn(labels, name) ? labels[name as keyof Labels] : undefined;
}
