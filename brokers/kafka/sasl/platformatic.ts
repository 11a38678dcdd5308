// Configures SASL for the connections of @platformatic/kafka.

import { callbackify } from 'node:util';
import type { Connection, ConnectionOptions } from '../library.ts';
import type { Sasl } from './config.ts';
import type { SaslExchange } from './exchange.ts';
import { gssapiExchange } from './gssapi.ts';
import { mskIamToken } from './msk-iam.ts';
import { oauthBearerExchange } from './oauth-bearer.ts';

type Options = NonNullable<ConnectionOptions['sasl']>;
type Authenticator = NonNullable<Options['authenticate']>;
type Send = Parameters<Authenticator>[2];
type Answer = Awaited<ReturnType<Send['async']>>;

export function platformaticSasl(sasl: Sasl): Options {
  switch (sasl.mechanism) {
    case 'oauthbearer':
      return { mechanism: 'OAUTHBEARER', authenticate: authenticateBy((host) => oauthBearerExchange(sasl, host)) };
    case 'aws-msk-iam':
      return { mechanism: 'OAUTHBEARER', token: async () => mskIamToken(sasl) };
    case 'gssapi':
      return { mechanism: 'GSSAPI', authenticate: authenticateBy((host) => gssapiExchange(sasl, host)) };
    default:
      return {
        mechanism: mechanisms[sasl.mechanism],
        username: sasl.username,
        // Read for each login, including those that extend a session, because a file may be renewed.
        password: () => sasl.password.reveal(),
      };
  }
}

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

const authenticateBy =
  (begin: (host: string) => SaslExchange): Authenticator =>
  (_mechanism, connection, send, _username, _password, _token, callback) => {
    const exchange = begin(connection.host ?? '');
    callbackify(async () => converse(exchange, connection, send))(callback);
  };

/** @returns the last answer, which has the session lifetime */
async function converse(exchange: SaslExchange, connection: Connection, send: Send): Promise<Answer> {
  let answer: Answer | undefined;
  for (;;) {
    const reply = await exchange.next(answer?.authBytes);
    if (reply === undefined && answer !== undefined) return answer;
    answer = await send.async(connection, reply ?? Buffer.alloc(0)).catch((cause: unknown) => {
      throw exchange.faultOf(cause);
    });
  }
}
