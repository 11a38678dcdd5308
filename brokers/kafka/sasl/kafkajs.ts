// Configures SASL for kafkajs.

import type { Mechanism, SASLOptions } from 'kafkajs';
import type { Sasl } from './config.ts';
import type { SaslExchange } from './exchange.ts';
import { gssapiExchange } from './gssapi.ts';
import { mskIamToken } from './msk-iam.ts';
import { oauthBearerExchange } from './oauth-bearer.ts';

export function kafkajsSasl(sasl: Sasl): SASLOptions | Mechanism {
  switch (sasl.mechanism) {
    case 'oauthbearer':
      return authenticateBy('OAUTHBEARER', (host) => oauthBearerExchange(sasl, host));
    case 'aws-msk-iam':
      return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskIamToken(sasl) }) };
    case 'gssapi':
      return authenticateBy('GSSAPI', (host) => gssapiExchange(sasl, host));
    default:
      return withPassword(sasl);
  }
}

const authenticateBy = (mechanism: string, begin: (host: string) => SaslExchange): Mechanism => ({
  mechanism,
  authenticationProvider: ({ host, saslAuthenticate }) => ({
    async authenticate() {
      const exchange = begin(host);
      let reply = await exchange.next();
      while (reply !== undefined) {
        const bytes = withLength(reply);
        const challenge = await saslAuthenticate({
          request: { encode: async () => bytes },
          response: { decode: async (given) => given, parse: async (given: Buffer) => withoutLength(given) },
        }).catch((cause: unknown) => {
          throw exchange.faultOf(cause);
        });
        reply = await exchange.next(challenge ?? Buffer.alloc(0));
      }
    },
  }),
});

/** kafkajs keeps the object and reads the password from it at each login, because a file may be renewed. */
const withPassword = ({ mechanism, username, password }: Extract<Sasl, { username: string }>): SASLOptions => ({
  mechanism,
  username,
  get password() {
    return password.reveal();
  },
});

/** kafkajs passes the bytes of an exchange as in the protocol: after a length of four bytes. */
function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const withoutLength = (bytes: Buffer): Buffer => bytes.subarray(4);
