// Configures SASL for kafkajs.

import type { Mechanism, SASLOptions } from 'kafkajs';
import type { Sasl } from './config.ts';
import { gssapiExchange, ticketFault } from './gssapi.ts';
import { mskIamToken } from './msk-iam.ts';

export function kafkajsSasl(sasl: Sasl): SASLOptions | Mechanism {
  switch (sasl.mechanism) {
    case 'oauthbearer':
      return { mechanism: sasl.mechanism, oauthBearerProvider: async () => ({ value: sasl.token.reveal() }) };
    case 'aws-msk-iam':
      return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskIamToken(sasl) }) };
    case 'gssapi':
      return {
        mechanism: 'GSSAPI',
        authenticationProvider: ({ host, saslAuthenticate }) => ({
          async authenticate() {
            const exchange = gssapiExchange(sasl, host);
            let reply = await exchange.next();
            while (reply !== undefined) {
              const bytes = withLength(reply);
              const challenge = await saslAuthenticate({
                request: { encode: async () => bytes },
                response: { decode: async (given) => given, parse: async (given: Buffer) => withoutLength(given) },
              }).catch((cause: unknown) => {
                throw ticketFault(cause, host);
              });
              reply = await exchange.next(challenge ?? Buffer.alloc(0));
            }
          },
        }),
      };
    default:
      return withPassword(sasl);
  }
}

const withPassword = ({ mechanism, username, password }: Extract<Sasl, { username: string }>): SASLOptions => ({
  mechanism,
  username,
  password: password.reveal(),
});

/** kafkajs takes and gives the bytes of an exchange as the protocol has them: after their length, four bytes. */
function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const withoutLength = (bytes: Buffer): Buffer => bytes.subarray(4);
