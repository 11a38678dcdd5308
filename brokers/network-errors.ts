// Maps error codes of Node's sockets and TLS to messages for users.

/** Messages by code, for brokers that are not there or not as the config states. */
export const networkErrorMessages: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer in time',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the listener does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the listener does not speak TLS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed; add it to tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate authority is unknown; add it to tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate authority is unknown; add it to tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate authority is unknown; add it to tls.ca',
  CERT_HAS_EXPIRED: 'the certificate has expired',
};

/** The host answered that no process listens, which silence does not prove. */
export function isRefusedConnection(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isRefusedConnection);
  if (!(cause instanceof Error)) return false;
  return (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED' || isRefusedConnection(cause.cause);
}
