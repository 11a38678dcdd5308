// Defines the SSH settings of a host in the config file: address, user and host key.

import { z } from 'zod';
import { Secret } from '../../core/secret.ts';

const addressPattern = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/;

const SshAddress = z
  .string()
  .regex(addressPattern, 'write it HOST, HOST:PORT or [IPV6]:PORT')
  .transform((text) => {
    const [, bracketed, plain, port] = addressPattern.exec(text) ?? [];
    return { host: bracketed ?? plain ?? text, port: port === undefined ? 22 : Number(port) };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535, 'a port is between 1 and 65535')
  .meta({ examples: ['broker-1', 'broker-1:2222'] })
  .describe('HOST or HOST:PORT of its sshd');

const access = {
  address: SshAddress,
  user: z.string().min(1).describe('user that logs in; an unprivileged user can read most metrics'),
  privateKeyFile: z.string().optional().describe('private key of that user; only its owner may have read access'),
  passphrase: Secret.optional().describe('passphrase of that key'),
  agent: z.boolean().optional().describe('use the keys of the agent at SSH_AUTH_SOCK instead'),
};

export const hasOneIdentity = ({
  privateKeyFile,
  agent,
}: {
  privateKeyFile?: string | undefined;
  agent?: boolean | undefined;
}) => (privateKeyFile !== undefined) !== (agent === true);
export const identityIsMissing = { path: ['privateKeyFile'], message: 'give either privateKeyFile or `agent: true`' };

export const SshAccess = z.strictObject(access).refine(hasOneIdentity, identityIsMissing);
export type SshAccess = z.infer<typeof SshAccess>;

/** Keys of `hosts.<name>` that define the connection. */
export const sshKeys = {
  ...access,
  knownHostsFile: z
    .string()
    .optional()
    .describe('known_hosts file of OpenSSH; default ~/.ssh/known_hosts. Unknown host keys are rejected'),
  jump: SshAccess.optional().describe('jump host; its key must be in the same known_hosts file'),
};
