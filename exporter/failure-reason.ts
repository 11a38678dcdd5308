// States why a file or an address could not be read.

import { networkErrorMessages } from '../brokers/network-errors.ts';
import { AppError } from '../core/errors.ts';

/** For brokers and lists also `tls.ca`. */
const unknownAuthority = 'the certificate authority is unknown: set NODE_EXTRA_CA_CERTS';

const errorTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'this user may not read it',
  UND_ERR_SOCKET: 'the connection was closed',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
};

/** The error of fetch only states the failure; its cause has the reason. */
export function failureReason(error: Error): string {
  // Names the secret or certificate file, which its cause does not.
  if (error instanceof AppError) return error.message;
  const { code } = (error.cause ?? error) as NodeJS.ErrnoException;
  if (error.name === 'TimeoutError') return 'no answer in time';
  const reason = code === undefined ? undefined : (errorTexts[code] ?? networkErrorMessages[code]);
  return reason ?? (error.cause instanceof Error ? error.cause.message : error.message);
}
