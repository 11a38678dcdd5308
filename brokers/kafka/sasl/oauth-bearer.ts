// Authenticates with a bearer token (RFC 7628), and reports a refused token with its expiry.

import { z } from 'zod';
import { systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { isAuthenticationRefused } from '../errors.ts';
import type { OAuthBearer } from './config.ts';
import type { SaslExchange } from './exchange.ts';

/*
 * Client     "n,," ^A "auth=Bearer " token ^A ^A
 * Broker     nothing, or JSON such as {"status":"invalid_token"}
 * Client     after JSON: ^A, whereupon the broker refuses
 */
const separator = '\x01';

const refusalHint =
  'get a new token: a file in `sasl.token` is read again for each connection; if the token is new, compare the clocks of this host, the issuer and the brokers (NTP), and its issuer and audience with those that the brokers accept';

const Failure = z.object({ status: z.string() });
const Claims = z.object({ exp: z.number() });

export function oauthBearerExchange({ token: secret }: OAuthBearer, host: string): SaslExchange {
  let token: string | undefined;
  let status: string | undefined;

  return {
    async next(challenge) {
      if (challenge === undefined) {
        token = secret.reveal();
        return Buffer.from(`n,,${separator}auth=Bearer ${token}${separator}${separator}`);
      }
      if (status !== undefined) throw refusalOf(host, { token, status });
      // The challenge is empty, or describes the session, if the broker accepted the token.
      status = Failure.safeParse(parseJson(challenge.toString('utf8'))).data?.status;
      return status === undefined ? undefined : Buffer.from(separator);
    },
    faultOf: (cause) => (isAuthenticationRefused(cause) ? refusalOf(host, { token, status }, cause) : cause),
  };
}

function refusalOf(
  host: string,
  { token, status }: { token: string | undefined; status: string | undefined },
  cause?: unknown,
): AppError {
  const expiry = token === undefined ? undefined : expiryOf(token);
  const why = [
    ...(status === undefined ? [] : [status]),
    ...(expiry !== undefined && expiry <= systemClock.now() ? [`it expired at ${expiry.toISOString()}`] : []),
  ];
  const text = `the broker ${host} refused the OAUTHBEARER token${why.length === 0 ? '' : `: ${why.join(', ')}`}`;
  return new AppError('credentials-refused', text, { hint: refusalHint, cause });
}

/** @returns undefined for a token that is not a JSON web token, or does not expire */
function expiryOf(token: string): Date | undefined {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const { data } = Claims.safeParse(parseJson(payload));
  const expiry = new Date((data?.exp ?? Number.NaN) * 1000);
  return Number.isNaN(expiry.getTime()) ? undefined : expiry;
}
