// Defines how a client authenticates to Kafka with SASL.

import { z } from 'zod';
import { Secret } from '../../../core/secret.ts';

/** Names of mechanisms in Kafka, other clients and the cloud, each with the name used here. */
const otherNames: Readonly<Record<string, string>> = {
  kerberos: 'gssapi',
  iam: 'aws-msk-iam',
  aws_msk_iam: 'aws-msk-iam',
};

function hintForMechanism({ input }: { input?: unknown }): string | undefined {
  const mechanism = (input as { mechanism?: unknown } | undefined)?.mechanism;
  if (typeof mechanism !== 'string') return undefined;
  const name = otherNames[mechanism.toLowerCase()] ?? mechanism.toLowerCase();
  return name === mechanism || !mechanisms.has(name) ? undefined : `${mechanism} is written ${name}`;
}

const options = [
  z.strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: z.string(),
    password: Secret,
  }),
  z.strictObject({
    mechanism: z.literal('oauthbearer'),
    token: Secret.describe('a JSON web token; a file is read again for each connection, so it can be renewed'),
  }),
  z.strictObject({
    mechanism: z.literal('gssapi').describe('Kerberos; needs the npm package kerberos'),
    serviceName: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'first part of the principal of the brokers, such as kafka')
      .default('kafka')
      .describe('sasl.kerberos.service.name of the brokers'),
    principal: z
      .string()
      .regex(/^[^\s@]{1,200}(@[^\s@]{1,200})?$/, 'a principal such as plimsoll@EXAMPLE.COM')
      .optional()
      .describe(
        'principal whose ticket is used; default: that of the ticket cache or of the keytab in KRB5_CLIENT_KTNAME',
      ),
  }),
  z.strictObject({
    mechanism: z.literal('aws-msk-iam').describe('IAM of Amazon MSK; needs the npm package aws-msk-iam-sasl-signer-js'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1'),
    profile: z.string().min(1).max(128).optional().describe('profile of ~/.aws; default: the default credential chain'),
    roleArn: z
      .string()
      .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/\S{1,512}$/, 'role such as arn:aws:iam::123456789012:role/plimsoll')
      .optional()
      .describe('role that is assumed before the token is signed'),
  }),
] as const;

const mechanisms: ReadonlySet<string> = new Set(
  options.flatMap(({ shape: { mechanism } }) => [
    ...(mechanism instanceof z.ZodEnum ? mechanism.options : mechanism.values),
  ]),
);

export const Sasl = z.discriminatedUnion('mechanism', options, { error: hintForMechanism });
export type Sasl = z.infer<typeof Sasl>;
export type Gssapi = Extract<Sasl, { mechanism: 'gssapi' }>;
export type OAuthBearer = Extract<Sasl, { mechanism: 'oauthbearer' }>;
export type MskIam = Extract<Sasl, { mechanism: 'aws-msk-iam' }>;
