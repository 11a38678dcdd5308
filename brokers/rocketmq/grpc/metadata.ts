// Builds the headers of a gRPC request to a RocketMQ proxy, signed if an access key is configured.

import { createHmac } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { RocketmqCredentials } from '../config.ts';

/** The language name that every version knows; brokers refuse the registration of unknown names. */
const language = 'OTHER';
/** From this client version on, proxies have a separate status code for a polling time that is too long. */
export const clientVersion = '5.0.7';

/*
 * authorization   MQv2-HMAC-SHA1 Credential=KEY, SignedHeaders=x-mq-date-time, Signature=HEX
 *                 where HEX is HMAC-SHA1(secret, value of x-mq-date-time)
 */
export function createHeaders(
  { clientId, namespace = '', credentials }: HeaderOptions,
  clock: Clock,
): () => Readonly<Record<string, string>> {
  let signedAt = '';
  let signed: Readonly<Record<string, string>> = {};
  const constant = {
    'x-mq-client-id': clientId,
    'x-mq-language': language,
    'x-mq-client-version': clientVersion,
    'x-mq-protocol': 'v2',
    ...(namespace !== '' && { 'x-mq-namespace': namespace }),
  };
  return () => {
    const at = basicTime(clock.now());
    if (at === signedAt) return signed;
    signedAt = at;
    signed = { ...constant, 'x-mq-date-time': at, ...(credentials && signature(credentials, at)) };
    return signed;
  };
}

interface HeaderOptions {
  clientId: string;
  namespace?: string | undefined;
  credentials?: RocketmqCredentials | undefined;
}

function signature({ accessKey, secretKey, securityToken }: RocketmqCredentials, at: string): Record<string, string> {
  const hex = createHmac('sha1', secretKey.reveal()).update(at).digest('hex').toUpperCase();
  return {
    authorization: `MQv2-HMAC-SHA1 Credential=${accessKey}, SignedHeaders=x-mq-date-time, Signature=${hex}`,
    ...(securityToken && { 'x-mq-session-token': securityToken.reveal() }),
  };
}

/** Formats a time as `20261123T201500Z`. */
const basicTime = (moment: Date) => `${moment.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
