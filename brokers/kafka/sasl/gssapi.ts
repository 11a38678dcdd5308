// Authenticates with Kerberos: the exchange of RFC 4752 without a security layer, as in Kafka (encryption needs TLS).

import { AppError } from '../../../core/errors.ts';
import { loadOptionalPackage } from '../../../core/optional-package.ts';
import { isAuthenticationRefused } from '../errors.ts';
import type { Gssapi } from './config.ts';
import type { SaslExchange } from './exchange.ts';

/** The used part of the package; tokens are base64. */
interface Kerberos {
  GSS_MECH_OID_KRB5: number;
  GSS_C_MUTUAL_FLAG: number;
  GSS_C_SEQUENCE_FLAG: number;
  initializeClient(service: string, options: object): Promise<KerberosClient>;
}

interface KerberosClient {
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string | null>;
  wrap(data: string, options: object): Promise<string>;
  unwrap(challenge: string): Promise<string>;
}

const isKerberos = (module: unknown): module is Kerberos =>
  typeof (module as Partial<Kerberos> | undefined)?.initializeClient === 'function';

/** RFC 4752 §3.3: the "no security layer" bit of offer and reply, and no limit for the size of messages. */
const noLayer = 1;
const layerReply = Buffer.from([noLayer, 0, 0, 0]);

export function gssapiExchange({ serviceName, principal }: Gssapi, host: string): SaslExchange {
  const service = `${serviceName}@${host}`;
  let client: KerberosClient | undefined;
  let stage: 'context' | 'layer' | 'done' = 'context';

  async function start(): Promise<KerberosClient> {
    const kerberos = loadOptionalPackage('kerberos', 'SASL GSSAPI (Kerberos)', isKerberos);
    const { GSS_MECH_OID_KRB5: mechOID, GSS_C_MUTUAL_FLAG: mutual, GSS_C_SEQUENCE_FLAG: sequence } = kerberos;
    const options = { mechOID, gssFlag: mutual | sequence, ...(principal !== undefined && { principal }) };
    return kerberos.initializeClient(service, options);
  }

  async function respond(challenge: Buffer | undefined): Promise<Buffer | undefined> {
    client ??= await start();
    const given = challenge?.toString('base64') ?? '';
    if (stage === 'context') {
      const token = await client.step(given);
      if (client.contextComplete) stage = 'layer';
      return Buffer.from(token ?? '', 'base64');
    }
    if (stage === 'done') return undefined;
    const [offered = 0] = Buffer.from(await client.unwrap(given), 'base64');
    if ((offered & noLayer) === 0) {
      throw new AppError('credentials-refused', `${host} requires a SASL security layer, which Kafka does not use`, {
        hint: 'check that this address is a Kafka broker',
      });
    }
    stage = 'done';
    return Buffer.from(await client.wrap(layerReply.toString('base64'), {}), 'base64');
  }

  return {
    async next(challenge) {
      try {
        return await respond(challenge);
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        throw kerberosFault((cause as Error).message, service, cause);
      }
    },
    faultOf: (cause) => ticketFault(cause, host),
  };
}

/** Brokers give clients no reason for a refusal, so that attackers learn nothing. */
const refusalHint =
  'the log of the broker has the reason: usually a clock that differs from that of the KDC by more than 5 minutes (synchronize all with NTP) or an outdated keytab of the broker';

function ticketFault(cause: unknown, host: string): unknown {
  if (!isAuthenticationRefused(cause)) return cause;
  const text = `the broker ${host} refused the Kerberos ticket (SASL_AUTHENTICATION_FAILED)`;
  return new AppError('credentials-refused', text, { hint: refusalHint, cause });
}

/** Messages of MIT Kerberos, with hints. */
const remedies: readonly [pattern: RegExp, hint: string][] = [
  [
    /clock skew|not yet valid/i,
    'the clocks of this host and of the KDC differ by more than 5 minutes: synchronize them with NTP',
  ],
  [/expired/i, 'get a new ticket with `kinit`, or set KRB5_CLIENT_KTNAME to a keytab, which renews it by itself'],
  [
    /can't find client principal/i,
    'no ticket and no key of this principal: compare `principal` and its realm with the output of `klist` (ticket cache) and `klist -k` (keytab)',
  ],
  [/krbtgt\//i, 'krb5.conf maps the broker to another realm: check [domain_realm] in krb5.conf (KRB5_CONFIG)'],
  [
    /server .*not found in kerberos database/i,
    'the KDC has no such service principal: compare `serviceName` and the host name of the broker with the keytab of the broker',
  ],
  [/cannot (find|contact|resolve|locate).*(kdc|realm)/i, 'check the realm and its KDC in krb5.conf (KRB5_CONFIG)'],
  [/realm/i, 'the principal belongs to another realm: check `principal`, and [domain_realm] in krb5.conf'],
  // Comes last: other failures start with the same words.
  [
    /no (kerberos )?credentials|no credential|cache.*not found/i,
    'get a ticket with `kinit`, or set KRB5_CLIENT_KTNAME to the keytab of the principal',
  ],
];

function kerberosFault(text: string, service: string, cause: unknown): AppError {
  const hint =
    remedies.find(([pattern]) => pattern.test(text))?.[1] ??
    '`kvno` with the name of the service principal shows whether the KDC issues a ticket for it';
  return new AppError('credentials-refused', `no Kerberos ticket for ${service}: ${sentenceOf(text)}`, {
    hint,
    cause,
  });
}

/** `Unspecified GSS failure.  Minor code may provide more information: Ticket expired` has the cause at its end. */
const sentenceOf = (text: string) =>
  text
    .replace(/^.*minor code may provide more information[:)]*\s*/is, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
